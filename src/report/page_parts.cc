#include "report/page_parts.h"

#include <array>

#include <fmt/format.h>

#include "report/page_lanes.h"
#include "report/page_style.h"

namespace lastcall::report::page {

namespace {

using judge::Status;

/// Paths on a field of 16 by 16, by status: a dash, a tick, a question mark, a cross.
constexpr std::array<std::string_view, 4> kSigns = {"M4.5 8h7", "M4.3 8.4 7 11l4.9-5.6",
                                                    "M5.9 6.2a2.1 2.1 0 1 1 3 2c-.7.4-.9.7-.9 1.5M8 11.9v.1",
                                                    "M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6"};

std::size_t index(Status status) {
  return static_cast<std::size_t>(status);
}

Html table_row(const Table& table, const std::vector<Html>& cells) {
  Html row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const char* const name = table.columns[i].number ? "number" : "text";
    row += i == 0 ? element("th", {{"scope", "row"}}, cells[i]) : element("td", {{"class", name}}, cells[i]);
  }
  return element("tr", {}, row);
}

Html head(const Document& document) {
  const std::string policy = fmt::format(
      "default-src 'none'; style-src 'unsafe-inline'; script-src '{}'; base-uri 'none'; form-action 'none'",
      kScriptHash);
  return shape("meta", {{"charset", "utf-8"}}) +
         shape("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy}}) +
         shape("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}) +
         shape("meta", {{"name", "color-scheme"}, {"content", "light dark"}}) +
         shape("meta", {{"name", "robots"}, {"content", "noindex"}}) +
         shape("meta", {{"name", "generator"}, {"content", "lastcall " LASTCALL_VERSION}}) +
         element("title", {}, document.title) + element("style", {}, Html::constant(kStyle));
}

Html masthead(const Document& document) {
  const Html mark = element("svg", {{"viewBox", "0 0 24 24"}, {"aria-hidden", "true"}, {"class", "emblem"}},
                            shape("path", {{"d", "M3 6h6v0M9 6v5h5v4h4v4h3"}}) +
                                shape("path", {{"d", "M9 2v20"}, {"class", "stem"}}));
  return element("header", {{"class", "masthead"}}, mark + element("span", {}, document.tool));
}

Html icon(Status status) {
  return element("svg",
                 {{"class", "icon " + style(status)}, {"viewBox", "0 0 16 16"}, {"aria-hidden", "true"}},
                 shape("circle", {{"cx", "8"}, {"cy", "8"}, {"r", "8"}}) +
                     shape("path", {{"d", std::string(kSigns[index(status)])}}));
}

}  // namespace

std::string_view word(Status status) {
  constexpr std::array<std::string_view, 4> kWords = {"Skipped", "Passed", "Inconclusive", "Failed"};
  return kWords[index(status)];
}

std::string style(Status status) {
  constexpr std::array<std::string_view, 4> kStyles = {"skipped", "passed", "inconclusive", "failed"};
  return std::string(kStyles[index(status)]);
}

Html sign(Status status) {
  return icon(status) + element("span", {{"class", "unseen"}}, word(status)) + " ";
}

Html badge(Status status, std::string_view said) {
  return element("span", {{"class", "badge " + style(status)}},
                 icon(status) + (said.empty() ? word(status) : said));
}

Html fact_list(const std::vector<Fact>& facts) {
  Html list;
  for (const Fact& fact : facts) {
    list += element("div", {}, element("dt", {}, fact.label) + element("dd", {}, fact.value));
  }
  return element("dl", {{"class", "facts"}}, list);
}

Html draw(const Table& table) {
  if (table.rows.empty()) {
    return {};
  }
  Html titles;
  for (const TableColumn& column : table.columns) {
    titles += element("th", {{"scope", "col"}, {"class", column.number ? "number" : "text"}}, column.title);
  }
  Html rows;
  for (const auto& cells : table.rows) {
    rows += table_row(table, cells);
  }
  // A region that scrolls must be reachable by keyboard (WCAG 2.1.1), and so needs a name.
  return element("div",
                 {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", table.caption}},
                 element("table", {},
                         element("caption", {}, table.caption) +
                             element("thead", {}, element("tr", {}, titles)) + element("tbody", {}, rows)));
}

Html draw(const Card& card) {
  if (card.content.empty()) {
    return {};
  }
  const Html whose = card.whose.empty() ? Html() : element("span", {{"class", "whose"}}, ": " + card.whose);
  return element("section",
                 {{"class", "card " + card.name}, {"style", fmt::format("--height: {}px", card.height)}},
                 element("h2", {}, Html(card.heading) + whose) + card.content);
}

Html command(const std::string& line) {
  return line.empty() ? Html() : element("pre", {{"class", "command"}}, element("code", {}, line));
}

Html draw(const Headline& headline) {
  const std::string heading = headline.level == 1 ? "h1" : "h2";
  const Html kicker = headline.kicker.empty() ? Html() : element("p", {{"class", "kicker"}}, headline.kicker);
  return element("section", {{"class", "headline " + style(headline.status)}},
                 kicker + element("p", {{"class", "status"}}, badge(headline.status, headline.word)) +
                     element(heading, {}, headline.text) + headline.below);
}

std::string draw(const Document& document) {
  const Html body = shapes() + masthead(document) +
                    element("main", {{"class", std::string(document.layout)}}, document.content) +
                    element("script", {}, Html::constant(kScript));
  const Html page =
      element("html", {{"lang", "en"}}, element("head", {}, head(document)) + element("body", {}, body));
  return "<!doctype html>\n" + page.markup() + "\n";
}

}  // namespace lastcall::report::page
