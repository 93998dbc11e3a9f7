#include "admin/control.h"

#include "admin/status_text.h"

namespace lastcall::admin {
namespace {

Response status_page(const Request& request, const Control& control) {
  if (request.path == "/counts") {
    return {.content_type = "application/json", .body = status_json(control.look(0).status)};
  }
  const PrivateView view = control.look(kMaxExchangesListed);
  if (request.accept == "text/plain") {
    return {.body = status_text(view.status, view.exchanges)};
  }
  return {.content_type = "application/json", .body = status_json(view)};
}

Response drain_page(const Request& request, Control& control) {
  const bool undo = request.method == http::Method::delete_;
  if (!undo && request.method != http::Method::post) {
    return {.status = 405, .body = "POST drains, DELETE takes it back\n", .allow = "POST, DELETE"};
  }
  if (!control.set_unready(!undo)) {
    return undo ? refuse(409, "a shutdown is under way, which cannot be taken back")
                : Response{.body = "a shutdown is under way already\n"};
  }
  return {.body = undo ? "ready again\n" : "unready\n"};
}

}  // namespace

Response answer(const Request& request, Control& control) {
  if (request.path == "/drain") {
    return drain_page(request, control);
  }
  if (request.path == "/report" && request.method == http::Method::get) {
    return {.later = true};
  }
  if (request.path != "/status" && request.path != "/counts") {
    return refuse(404, "there are /status, /counts, /report and /drain");
  }
  if (request.method != http::Method::get && request.method != http::Method::head) {
    return refuse(405, "only GET and HEAD");
  }
  return status_page(request, control);
}

}  // namespace lastcall::admin
