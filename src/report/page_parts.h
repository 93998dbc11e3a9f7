// The pieces that the pages are built from: the sign of a status, lists of facts, tables, cards, and the
// document around them all. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "judge/verdict.h"
#include "report/html.h"

namespace lastcall::report::page {

/// "Failed", "Passed", "Inconclusive", "Skipped".
[[nodiscard]] std::string_view word(judge::Status status);

/// The name of its colours in the style sheet.
[[nodiscard]] std::string style(judge::Status status);

/// A sign of its own shape for each status, with the word for those who do not see it.
[[nodiscard]] Html sign(judge::Status status);

/// The sign and the word, or what is said in its place.
[[nodiscard]] Html badge(judge::Status status, std::string_view said = {});

struct Fact {
  std::string label;
  std::string value;
};

[[nodiscard]] Html fact_list(const std::vector<Fact>& facts);

struct TableColumn {
  std::string title;
  bool number = false;
};

struct Table {
  std::string caption;
  std::vector<TableColumn> columns;
  std::vector<std::vector<Html>> rows;  ///< each as long as columns
};

/// It scrolls by itself where it is too wide. Nothing if it has no rows.
[[nodiscard]] Html draw(const Table& table);

/// A section with a heading of level 2, on a surface of its own.
struct Card {
  std::string name;  ///< in the style sheet
  std::string heading;
  std::string whose;  ///< added to the heading where several stand beside each other; may be empty
  Html content;
  int height = 0;  ///< about how many pixels high; 0: as high as it comes
};

/// Nothing if it has no content.
[[nodiscard]] Html draw(const Card& card);

/// A command or a URL, to be read and copied.
[[nodiscard]] Html command(const std::string& line);

/// What a reader sees first.
struct Headline {
  judge::Status status;
  std::string word;    ///< beside its sign; empty: the status's own
  std::string kicker;  ///< what is reported on: "lastcall run"; may be empty
  std::string text;
  Html below;
  int level = 1;  ///< of the heading
};

[[nodiscard]] Html draw(const Headline& headline);

struct Document {
  std::string title;
  std::string_view layout;  ///< of the style sheet: "report" or "compare"
  std::string tool;         ///< "lastcall check 0.1.0"
  Html content;
};

/// The whole page: it needs nothing but itself, and runs no script but its own.
[[nodiscard]] std::string draw(const Document& document);

}  // namespace lastcall::report::page
