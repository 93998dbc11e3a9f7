"""Each rule of layers.py refuses what it is there to refuse."""

import tempfile
import unittest
from pathlib import Path

import layers

HEADER = "// What it is.\n#pragma once\n"
MODULES = "lastcall_module(base)\nlastcall_module(drain base)\nlastcall_module(log base)\nlastcall_module(sys base)\n" \
          "lastcall_module(proxy sys drain base)\n"


def breaches_of(name, text, cmake=MODULES):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "CMakeLists.txt").write_text(cmake, encoding="utf-8")
        path = root / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        return list(layers.breaches(root))


class Layers(unittest.TestCase):
    def refuses(self, name, text, *words):
        found = breaches_of(name, text)
        self.assertEqual(len(found), 1, found)
        for word in (name, *words):
            self.assertIn(word, found[0])

    def accepts(self, name, text):
        self.assertEqual(breaches_of(name, text), [])

    def test_lower_floors_may_be_included(self):
        self.accepts("src/proxy/a.cc", '#include "proxy/a.h"\n#include "sys/sys.h"\n#include "base/time.h"\n')

    def test_higher_floors_may_not(self):
        self.refuses("src/base/a.cc", '\n#include "sys/sys.h"\n', ":2:", "floor 2")

    def test_folders_of_one_floor_may_not_include_each_other(self):
        self.refuses("src/drain/a.cc", '#include "log/logger.h"\n', "floor 1")

    def test_what_is_included_is_named_in_the_build(self):
        self.refuses("src/proxy/a.cc", '#include "log/logger.h"\n', "does not name it in CMakeLists.txt")

    def test_the_build_names_lower_floors_only(self):
        found = breaches_of("src/base/a.cc", "", "lastcall_module(base drain)\n")
        self.assertIn("base may not depend on drain", found[0])

    def test_adapters_see_the_public_headers_and_what_helps_with_sockets(self):
        self.accepts("adapters/redis/a.cc", '#include "lastcall/redis.h"\n#include "sys/sys.h"\n#include "a.h"\n')
        self.refuses("adapters/redis/a.cc", '#include "service/runtime.h"\n', "may not include service/")
        self.accepts("adapters/redis/a_test.cc", '#include "brokers/brokers.h"\n')

    def test_system_calls_live_in_sys(self):
        for header in ("sys/socket.h", "unistd.h", "netinet/in.h", "linux/filter.h", "signal.h", "fcntl.h", "poll.h"):
            self.refuses("src/proxy/a.cc", f"#include <{header}>\n", header, "src/sys")
            self.accepts("src/sys/a.cc", f"#include <{header}>\n")
            self.accepts("src/proxy/a_test.cc", f"#include <{header}>\n")
            self.accepts("src/proxy/test_a.h", HEADER + f"#include <{header}>\n")
        self.refuses("src/proxy/a.cc", "#include <filesystem>\n", "src/sys")
        self.accepts("src/proxy/a.h", HEADER + "#include <sys/types.h>\n")

    def test_libraries_have_their_place(self):
        self.refuses("src/proxy/a.cc", "#include <nghttp2/nghttp2.h>\n", "src/http")
        self.refuses("src/proxy/a.cc", "#include <openssl/ssl.h>\n", "src/net")
        for library in ("nlohmann/json.hpp", "CLI/CLI.hpp", "fmt/format.h"):
            self.refuses("src/drain/a.h", HEADER + f"#include <{library}>\n", library, "header")
            self.accepts("src/drain/a.cc", f"#include <{library}>\n")

    def test_nobody_sleeps_or_reads_a_clock(self):
        self.refuses("src/proxy/a_test.cc", "  std::this_thread::sleep_for(1s);\n", "sleep_for")
        self.refuses("src/drain/a.cc", "  auto now = std::chrono::steady_clock::now();\n", "sys::now()")

    def test_headers_explain_themselves(self):
        self.refuses("src/drain/a.h", "#pragma once\n", "opens with a comment")
        self.refuses("src/drain/a.h", "// What it is.\n", "#pragma once")

    def test_files_and_functions_are_short(self):
        self.refuses("src/drain/a.cc", "\n" * 501, "500")
        self.refuses("src/drain/a.cc", "int f() {\n" + "  ++x;\n" * 69 + "}\n", "70", "71")
        self.accepts("src/drain/a.cc", "int f() {\n" + "  ++x;\n" * 68 + "}\n")

    def test_nothing_is_left_for_later(self):
        self.refuses("src/drain/a.cc", "// TODO: later\n", "TODO")


if __name__ == "__main__":
    unittest.main()
