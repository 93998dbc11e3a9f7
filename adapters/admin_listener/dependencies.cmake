set(lastcall_admin_listener_LIBRARIES)  # none
