// The drain report of `lastcall run` in the page's pieces: what was cut or killed and what to set, the phases
// and steps as lanes, the counts. It judges nothing: clean is what the report calls clean. Pure; any thread.
#pragma once

#include "report/drain_document.h"
#include "report/html.h"
#include "report/page_parts.h"

namespace lastcall::report::page {

[[nodiscard]] Document drain_page(const DrainDocument& document);

/// What went wrong, each with its clause and the settings that mend it; what can be learned for the settings.
[[nodiscard]] Html draw_drain_findings(const drain::DrainReport& report);

[[nodiscard]] Html draw_drain_timeline(const drain::DrainReport& report);

/// "ended by SIGTERM", "exited with status 0", "killed with SIGKILL"; empty if it never ended.
[[nodiscard]] std::string end_of(const drain::AppReport& app);

}  // namespace lastcall::report::page
