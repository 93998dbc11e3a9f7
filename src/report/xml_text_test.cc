#include "report/xml_text.h"

#include <gtest/gtest.h>

namespace lastcall::report {
namespace {

TEST(XmlText, EscapesMarkupAndQuotes) {
  EXPECT_EQ(xml_text(R"(<a href="x">&'</a>)"), "&lt;a href=&quot;x&quot;&gt;&amp;&apos;&lt;/a&gt;");
  EXPECT_EQ(xml_text("]]>"), "]]&gt;");
}

TEST(XmlText, LeavesOutControlCharactersButLineEndsAndTabs) {
  EXPECT_EQ(xml_text(std::string_view("a\0b\x1b[31m\r\x7f\n\tc", 13)), "ab[31m\n\tc");
}

TEST(XmlText, KeepsEveryOtherCharacter) {
  const std::string_view text = "café → 日本 \xf0\x9f\x98\x80 \xed\x9f\xbf \xf4\x8f\xbf\xbf";
  EXPECT_EQ(xml_text(text), text);
}

TEST(XmlText, ReplacesWhatIsNoUtf8OrForbidden) {
  EXPECT_EQ(xml_text("\xff<"), "\xef\xbf\xbd&lt;");
  EXPECT_EQ(xml_text("caf\xc3"), "caf\xef\xbf\xbd") << "cut off";
  EXPECT_EQ(xml_text("\xc3<"), "\xef\xbf\xbd&lt;") << "nothing that follows is swallowed";
  EXPECT_EQ(xml_text("\xc0\xbc"), "\xef\xbf\xbd\xef\xbf\xbd") << "an overlong <";
  for (const char* forbidden : {"\xed\xa0\x80", "\xef\xbf\xbe", "\xef\xbf\xbf"}) {
    EXPECT_EQ(xml_text(forbidden).substr(0, 3), "\xef\xbf\xbd") << "a surrogate, U+FFFE, U+FFFF";
  }
  EXPECT_EQ(xml_text("\xc2\x85x"), "\xef\xbf\xbd\xef\xbf\xbdx") << "a control character beyond ASCII";
}

}  // namespace
}  // namespace lastcall::report
