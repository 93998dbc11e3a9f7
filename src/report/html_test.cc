#include "report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::report {
namespace {

TEST(Html, TextCannotBecomeMarkup) {
  EXPECT_EQ(Html("<script>alert('1 & 2')</script>").markup(),
            "&lt;script&gt;alert(&#39;1 &amp; 2&#39;)&lt;/script&gt;");
}

TEST(Html, AnAttributeCannotBeLeft) {
  EXPECT_EQ(element("p", {{"title", "\" onclick='x()'>"}}, "a").markup(),
            R"(<p title="&quot; onclick=&#39;x()&#39;&gt;">a</p>)");
  EXPECT_EQ(shape("use", {{"href", "\"/><b>"}}).markup(), R"(<use href="&quot;/&gt;&lt;b&gt;"/>)");
}

TEST(Html, ControlCharactersAreShownAsUnknown) {
  EXPECT_EQ(Html(std::string("a\0b\x1b[31m\x7f\r", 10)).markup(),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(Html("line\n\tline").markup(), "line\n\tline");
}

TEST(Html, NoTextTurnsTheWritingDirection) {
  EXPECT_EQ(Html("/a\u202etxt.exe\u2066\u2028\xe2").markup(), "/a\ufffdtxt.exe\ufffd\u2028\xe2");
}

TEST(Html, APieceIsEscapedOnce) {
  const Html inner = Html("a & b") + element("b", {}, "c < d");
  EXPECT_EQ(element("p", {}, inner).markup(), "<p>a &amp; b<b>c &lt; d</b></p>");
}

}  // namespace
}  // namespace lastcall::report
