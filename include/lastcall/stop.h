// LinkedStop: one request's own std::stop_token, which std itself cannot link to another or to a deadline.
#pragma once

#include <memory>
#include <stop_token>

namespace lastcall {

namespace service {
class StopLink;
}

/// Made by Coordinator::link(). Its token is asked to stop when the shutdown aborts or the request's deadline
/// comes, whichever is first. Move-only; destroying it unlinks, without asking the token to stop. Callbacks
/// on the token run on a thread of the library, one after the other: they must only post.
class LinkedStop {
 public:
  explicit LinkedStop(std::unique_ptr<service::StopLink> link);
  LinkedStop(LinkedStop&&) noexcept;
  LinkedStop& operator=(LinkedStop&&) noexcept;
  ~LinkedStop();

  [[nodiscard]] std::stop_token token() const;

 private:
  std::unique_ptr<service::StopLink> link_;
};

}  // namespace lastcall
