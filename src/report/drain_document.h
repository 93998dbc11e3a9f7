// A drain report read back from its document (docs/drain-report.md), strictly: whatever is missing or of
// another type is an error that names the field. Fields that this version does not know are ignored. Any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "drain/report.h"

namespace lastcall::report {

struct DrainDocument {
  drain::DrainReport report;           ///< clean() says what the document says
  std::string version;                 ///< of the lastcall that wrote it
  std::vector<std::string> omitted{};  ///< "cuts", "steps", "details": left out for want of room
};

/// Error: status 2.
[[nodiscard]] Result<DrainDocument> parse_drain_document(std::string_view json);

}  // namespace lastcall::report
