// Verdict: what of the contract a simulated shutdown has broken, each breach as a sentence with its clause.
// Judges only from what was seen from outside and what the kernel knows; the product's own report is itself
// under test. verdict_requests.cc: what clients saw; verdict_tunnels.cc: what WebSockets heard;
// verdict_shutdown.cc: phases, the app, the account; verdict_sums.cc: the report's sums.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/simulation.h"

namespace lastcall::sim {

/// Connections: more than any scenario has.
inline constexpr std::size_t kMany = 1000;

class Verdict {
 public:
  explicit Verdict(const Evidence& evidence);

  [[nodiscard]] const std::vector<std::string>& breaches() const { return breaches_; }

 private:
  template <class... Values>
  void breach(fmt::format_string<Values...> text, Values&&... values) {
    breaches_.push_back(fmt::format(text, std::forward<Values>(values)...));
  }

  // What clients saw.
  void judge_requests();
  void judge_excuses();
  void judge_idleness(std::size_t number);
  void judge_answer(std::size_t number);
  void judge_own_answer(std::size_t number);
  void judge_farewell(std::size_t number);
  void judge_lost(std::size_t number);
  void judge_connections();
  void judge_idle_ends();
  void judge_half_heads();
  void judge_resets();

  // What the ends of WebSockets heard.
  void judge_tunnels();
  void judge_refusal(std::size_t number);
  void judge_silence(std::size_t number);
  void judge_hearing(std::size_t number);
  [[nodiscard]] int due_messages(const WebSocketLog& ear, const WebSocketLog& mouth) const;
  [[nodiscard]] static bool call_failed(const TunnelOutcome& tunnel);
  void judge_close(std::size_t number);
  void judge_last_words(std::size_t number);
  void judge_answers(std::size_t number);
  void judge_close_time(std::size_t number);
  void judge_spread();
  [[nodiscard]] Duration spread() const;

  // The shutdown.
  void judge_machine();
  void judge_probes();
  void judge_times();
  void judge_lame_duck();
  void judge_end();
  void judge_app_signal();
  void judge_kill();
  void judge_force();
  void judge_account();
  void judge_sums();

  [[nodiscard]] bool may_fail(Time when) const;
  [[nodiscard]] bool lost_race(const Outcome& outcome) const;
  [[nodiscard]] bool was_cut(std::size_t number) const;
  [[nodiscard]] double ms(Time when) const;

  const Evidence& evidence_;
  const Duration slack_;
  Time may_fail_from_ = Time::max();   ///< from here on a request may remain without the app's answer
  Time cut_from_ = Time::max();        ///< from here on what is in flight is cut
  Time draining_ = Time::max();        ///< when the drain began, the lame duck over
  std::set<const Endpoint*> excused_;  ///< connections whose failure only a refused call can explain
  std::vector<std::string> breaches_;
};

}  // namespace lastcall::sim
