// HttpClient: a client that asks and is answered, once, again and again, or several times at once, and the
// two that rest: idle after one answer, silent without asking. Every answer is an observation. One thread.
#pragma once

#include "check/client.h"
#include "check/response_reader.h"

namespace lastcall::check {

class HttpClient final : public Client {
 public:
  explicit HttpClient(const Setting& setting);

  void wake(Time now) override;
  void time_out() override;

 private:
  void connected(Time now) override;
  void ready() override;
  void digest(std::string_view bytes) override;
  void connection_ended(int error) override;

  void exchange();
  void head_read();
  void response_complete();
  void next_response(judge::Outcome outcome);
  void report(judge::Outcome outcome);
  void fail(judge::Outcome outcome);
  void watch_kept();
  void schedule();

  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] judge::Outcome judge_response() const;
  [[nodiscard]] bool reusable() const;

  ResponseReader reader_;
  std::uint32_t answered_ = 0;         ///< responses of this attempt that are complete
  std::uint32_t answered_before_ = 0;  ///< of earlier attempts on this connection
  std::uint64_t receive_allowed_ = 0;  ///< bytes, by the pace so far
  Time next_receive_ = Time::max();
  Time last_used_{};
  bool told_to_leave_ = false;  ///< by a response on this connection
};

}  // namespace lastcall::check
