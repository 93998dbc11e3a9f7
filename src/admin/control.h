// Control: what whoever may open the control socket can ask and change: everything in flight by name, and
// whether this process looks ready. The wiring implements it. Called on the control thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "admin/pages.h"
#include "admin/source.h"
#include "drain/report.h"

namespace lastcall::admin {

class Control {
 public:
  virtual ~Control() = default;

  /// Of this process.
  [[nodiscard]] virtual std::int64_t pid() const = 0;

  /// The oldest first, at most `most` of them.
  [[nodiscard]] virtual std::vector<drain::OpenExchange> exchanges(std::size_t most) const = 0;

  /// Looks unready until that is taken back. False: a shutdown is under way, where nothing can be taken back.
  virtual bool set_unready(bool unready) = 0;
};

/// GET /status, as JSON or, for whoever accepts only text/plain, as text; POST /drain; DELETE /drain. No GET
/// changes anything.
[[nodiscard]] Response answer(const Request& request, const Source& source, Control& control);

inline constexpr std::size_t kMaxExchangesListed = 1000;

}  // namespace lastcall::admin
