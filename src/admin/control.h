// Control: what whoever may open the control socket can ask and change: everything in flight by name, and
// whether this process looks ready. The wiring implements it. Called on the control thread.
#pragma once

#include <cstddef>

#include "admin/pages.h"
#include "admin/status_json.h"

namespace lastcall::admin {

class Control {
 public:
  virtual ~Control() = default;

  /// What is so now, at most `most` exchanges with it.
  [[nodiscard]] virtual PrivateView look(std::size_t most) const = 0;

  /// Looks unready until that is taken back. False: a shutdown is under way, where nothing can be taken back.
  virtual bool set_unready(bool unready) = 0;
};

/// GET /status, as JSON or, for whoever accepts only text/plain, as text; GET /counts, the same as JSON
/// without the exchanges; GET /report, answered when the process ends, with what the termination message
/// says; POST /drain; DELETE /drain. No GET changes anything.
[[nodiscard]] Response answer(const Request& request, Control& control);

inline constexpr std::size_t kMaxExchangesListed = 1000;

}  // namespace lastcall::admin
