set(lastcall_files_LIBRARIES)  # none
