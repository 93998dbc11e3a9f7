// How a connection is ended. Everything goes out at once, so that it costs one round trip:
//   DISCARD or EXEC, ECHO mark, one EVAL for each lock, QUIT.
// hiredis does not know how many replies are outstanding, nor whether a MULTI is open. The mark tells: what
// comes before it is unread replies, and the last of these answers to DISCARD or EXEC.
#include <algorithm>
#include <string>
#include <utility>

#include "base/last_share.h"
#include "connection.h"
#include "sys/at_deadline.h"
#include "sys/sys.h"

namespace lastcall::redis {
namespace {

constexpr const char* kMark = "lastcall: end of replies";

/// A server that works answers in milliseconds; others need the time more.
constexpr Duration kPatience = std::chrono::seconds(3);

std::string counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

Reply next_reply(redisContext* context) {
  void* reply = nullptr;
  return redisGetReply(context, &reply) == REDIS_OK ? Reply(static_cast<redisReply*>(reply)) : nullptr;
}

bool is_mark(const Reply& reply) {
  return reply->type == REDIS_REPLY_STRING && std::string_view(reply->str, reply->len) == kMark;
}

Drained::Multi outcome_of(const redisReply& reply, OpenMulti open_multi) {
  if (reply.type == REDIS_REPLY_ERROR) {
    const std::string_view error(reply.str, reply.len);
    return error.find("without MULTI") == error.npos ? Drained::Multi::refused : Drained::Multi::none;
  }
  if (open_multi == OpenMulti::discard) {
    return Drained::Multi::discarded;
  }
  // Nil: a watched key has changed.
  return reply.type == REDIS_REPLY_ARRAY ? Drained::Multi::executed : Drained::Multi::refused;
}

void send_farewell(Connection::State& connection) {
  redisContext* context = connection.context.get();
  redisAppendCommand(context, connection.open_multi == OpenMulti::exec ? "EXEC" : "DISCARD");
  redisAppendCommand(context, "ECHO %s", kMark);
  for (const auto& [key, token] : connection.locks) {
    redisAppendCommand(context, "EVAL %s 1 %b %b", kReleaseLock, key.data(), key.size(), token.data(),
                       token.size());
  }
  redisAppendCommand(context, "QUIT");
}

/// Up to the mark. A subscriber never gets one: there the server refuses all but QUIT.
void read_unread(Connection::State& connection, Drained& drained) {
  Reply last;
  Reply reply = next_reply(connection.context.get());
  while (reply && !is_mark(reply)) {
    ++drained.unread;
    last = std::exchange(reply, next_reply(connection.context.get()));
  }
  if (reply && last) {
    --drained.unread;
    drained.multi = outcome_of(*last, connection.open_multi);
  } else {
    drained.unread = 0;  // some of them were answers to us
    drained.left_to_expire = connection.locks.size();
    drained.answered = last && last->type == REDIS_REPLY_STATUS && connection.context->err == REDIS_ERR_EOF;
  }
}

void read_farewell(Connection::State& connection, Drained& drained) {
  drained.left_to_expire = connection.locks.size();
  for (; drained.left_to_expire > 0; --drained.left_to_expire) {
    const Reply reply = next_reply(connection.context.get());
    if (!reply) {
      return;
    }
    ++(reply->type == REDIS_REPLY_INTEGER && reply->integer == 1 ? drained.released : drained.already_lost);
  }
  drained.answered = next_reply(connection.context.get()) != nullptr;
}

}  // namespace

Drained Connection::State::drain(Time deadline, const std::stop_token& stop) {
  Drained drained;
  occupancy.close();
  const Duration share = last_share(deadline - sys::now());
  if (!occupancy.wait_until_empty(deadline - share, stop)) {
    cut();
    drained.error = "still in use, and cut off";
    return drained;
  }
  if (!context || context->err != 0) {
    drained.error = context ? context->errstr : "there is no connection";
    drained.left_to_expire = locks.size();
    return drained;
  }

  watch_socket();
  const Time cut_at = std::min(deadline - share / 2, sys::now() + kPatience);
  const sys::AtDeadline guard(cut_at, stop, [this] { cut(); });
  redisSetTimeout(context.get(), {});  // the program's own is about its commands
  send_farewell(*this);
  read_unread(*this, drained);
  if (!drained.answered) {
    read_farewell(*this, drained);
  }
  drained.error = drained.answered ? "" : context->errstr;
  return drained;
}

Result<void> Connection::State::drain(const StepContext& step) {
  const Drained drained = drain(sys::now() + step.remaining(), step.token());
  if (drained.unread > 0) {
    step.note(counted(drained.unread, "unread reply", "unread replies"));
  }
  if (drained.multi == Drained::Multi::executed) {
    step.note("an open MULTI executed");
  }
  if (drained.multi == Drained::Multi::discarded || drained.multi == Drained::Multi::refused) {
    step.lost(drained.multi == Drained::Multi::discarded ? "an open MULTI discarded"
                                                         : "an open MULTI refused");
  }
  if (drained.released > 0) {
    step.note(counted(drained.released, "lock released", "locks released"));
  }
  if (drained.already_lost > 0) {
    step.note(counted(drained.already_lost, "lock had expired", "locks had expired"));
  }
  if (drained.left_to_expire > 0) {
    step.note(counted(drained.left_to_expire, "lock expires by itself", "locks expire by themselves"));
  }
  return drained.answered ? Result<void>() : failure("no orderly end: " + drained.error);
}

}  // namespace lastcall::redis
