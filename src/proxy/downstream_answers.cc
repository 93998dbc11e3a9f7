// What a connection answers by itself: to requests that are refused, to those that are none, and to probes.
#include <algorithm>

#include "proxy/downstream.h"
#include "proxy/exchange.h"
#include "proxy/shard.h"

namespace lastcall::proxy {

void Downstream::refuse_request(const http::RequestHead* head, std::string_view in) {
  shard_.record([](drain::TrafficReport& traffic) { ++traffic.refused; });
  turn_away({.status = 503,
             .error = AccessError::stopping,
             .detail = "The service is stopping; nothing was done for this request",
             .retry_after = true,
             .head = head != nullptr && head->method == http::Method::head,
             .html = head != nullptr && wants_html(head->accept)},
            head, in);
}

/// A request that never was an exchange is counted and logged as those are. `in`: what came of it.
void Downstream::turn_away(Answer answer, const http::RequestHead* head, std::string_view in) {
  const http::Method method = head != nullptr ? head->method : http::Method::other;
  const std::string_view raw = head != nullptr ? in.substr(0, head->size) : in;
  if (head != nullptr) {
    answer.request_id = find_request_id(raw.substr(head->fields_begin));
  }
  if (answer.request_id.empty()) {
    answer.request_id = shard_.next_request_id();
  }
  const std::string response = render(answer, shard_.settings().error_pages);
  shard_.count().count_response(method, answer.status, Duration::zero());
  shard_.count().bytes_out.add(response.size());
  if (shard_.settings().access_log) {
    shard_.observer().log_access({.method = head != nullptr ? head->method_text : "-",
                                  .path = head != nullptr ? head->path : "-",
                                  .client = client(),
                                  .request_id = answer.request_id,
                                  .status = answer.status,
                                  .took = Duration::zero(),
                                  .bytes_in = raw.size(),
                                  .bytes_out = response.size(),
                                  .error = answer.error});
  }
  this->answer(response);
}

/// Health paths look like the readiness probe from t0 on, for balancers that probe where the traffic goes.
bool Downstream::answered_here(const http::RequestHead& head, std::string_view in) {
  const Settings& settings = shard_.settings();
  const bool is_head = head.method == http::Method::head;
  if (settings.max_body != 0 && head.content_length > settings.max_body) {
    turn_away({.status = 413,
               .error = AccessError::body_too_large,
               .detail = kBodyTooLarge,
               .head = is_head,
               .html = wants_html(head.accept)},
              &head, in);
    return true;
  }
  const bool ready = shard_.is_app_ready() && !shard_.looks_unready();
  if (ready || std::find(settings.health_paths.begin(), settings.health_paths.end(), head.path) ==
                   settings.health_paths.end()) {
    return false;
  }
  shard_.probe_refused();
  const Answer probe{.status = 503,
                     .detail = shard_.is_unready()     ? "draining"
                               : shard_.is_app_ready() ? "unready"
                                                       : "starting",
                     .head = is_head,
                     .html = wants_html(head.accept),
                     .probe = true};
  answer(render(probe, settings.error_pages));
  return true;
}

void Downstream::answer(std::string_view response) {
  permit_.release();  // no request can follow
  enter(State::answered);
  if (!stream_.write(response, {}, true)) {
    close();
    return;
  }
  if (stream_.unsent() == 0) {
    half_close();
  } else if (!watch()) {
    close();
  }
}

}  // namespace lastcall::proxy
