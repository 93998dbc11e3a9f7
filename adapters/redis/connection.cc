#include "connection.h"

#include <array>
#include <cstddef>

#include "sys/at_deadline.h"
#include "sys/sys.h"

namespace lastcall::redis {
namespace {

std::string random_token() {
  std::array<std::byte, 16> bytes{};
  sys::random_bytes(bytes);
  std::string token;
  for (const std::byte byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    token += kDigits[std::to_integer<unsigned>(byte) >> 4];
    token += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return token;
}

/// An answer, or why there is none: the connection's error, or the server's.
Result<Reply> answer(redisContext* context, void* raw) {
  Reply reply(static_cast<redisReply*>(raw));
  if (!reply) {
    return failure(std::string("Redis does not answer: ") + context->errstr);
  }
  if (reply->type == REDIS_REPLY_ERROR) {
    return failure("Redis refuses: " + std::string(reply->str, reply->len));
  }
  return reply;
}

}  // namespace

Connection::Connection(redisContext* context, OpenMulti open_multi)
    : state_(std::make_shared<State>(context, open_multi)) {}

Result<Connection::Use> Connection::use(Duration patience) {
  if (!state_->context) {
    return failure("no connection to Redis: there was no memory for one");
  }
  switch (state_->occupancy.enter(sys::now() + patience)) {
    case Occupancy::Entry::closed:
      return failure("no connection to Redis: the service is shutting down");
    case Occupancy::Entry::late:
      return failure("no connection to Redis: somebody else is using it");
    case Occupancy::Entry::entered:
      break;
  }
  state_->watch_socket();
  return Use(state_);
}

Connection::Use::~Use() {
  if (state_) {
    state_->occupancy.leave();
  }
}

redisContext* Connection::Use::get() const {
  return state_->context.get();
}

Result<bool> Connection::Use::try_lock(std::string_view key, Duration ttl) {
  const std::string token = random_token();
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(ttl).count();
  const auto reply = answer(get(), redisCommand(get(), "SET %b %s NX PX %lld", key.data(), key.size(),
                                                token.c_str(), static_cast<long long>(milliseconds)));
  if (!reply) {
    return tl::unexpected(reply.error());
  }
  const bool ours = (*reply)->type == REDIS_REPLY_STATUS;
  if (ours) {
    state_->locks.insert_or_assign(std::string(key), token);
  }
  return ours;
}

Result<bool> Connection::Use::unlock(std::string_view key) {
  const auto held = state_->locks.find(key);
  if (held == state_->locks.end()) {
    return false;
  }
  const auto reply = answer(get(), redisCommand(get(), "EVAL %s 1 %b %s", kReleaseLock, key.data(),
                                                key.size(), held->second.c_str()));
  if (!reply) {
    return tl::unexpected(reply.error());
  }
  state_->locks.erase(held);
  return (*reply)->type == REDIS_REPLY_INTEGER && (*reply)->integer == 1;
}

Drained Connection::drain(Time deadline, const std::stop_token& stop) {
  return state_->drain(deadline, stop);
}

Result<void> Connection::drain(const StepContext& step) {
  return state_->drain(step);
}

Result<void> Connection::drain_with(Coordinator& coordinator, Step step) {
  return coordinator.add_step(std::move(step),
                              [state = state_](const StepContext& context) { return state->drain(context); });
}

void Connection::State::watch_socket() {
  const std::lock_guard lock(mutex);
  socket.reset(sys::duplicate(context->fd));
}

void Connection::State::cut() {
  const std::lock_guard lock(mutex);
  sys::sever(socket.get());
}

}  // namespace lastcall::redis
