// lastcall for Boost.Asio and Boost.Beast: a server that drains (HttpServer), and what it is made of, for
// servers of one's own: a listener that closes without resetting anybody, and a registry of sessions.
#pragma once

#include "lastcall/beast/http_server.h"
#include "lastcall/beast/listener.h"
#include "lastcall/beast/session_registry.h"
#include "lastcall/beast/websocket.h"
