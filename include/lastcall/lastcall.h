// All of the library but its adapters: graceful shutdown for a C++ service. docs/library.md begins here.
#pragma once

#include "lastcall/clock.h"
#include "lastcall/coordinator.h"
#include "lastcall/guard.h"
#include "lastcall/health.h"
#include "lastcall/options.h"
#include "lastcall/phase.h"
#include "lastcall/report.h"
#include "lastcall/result.h"
#include "lastcall/server.h"
#include "lastcall/step.h"
#include "lastcall/stop.h"
#include "lastcall/time.h"
#include "lastcall/work.h"
