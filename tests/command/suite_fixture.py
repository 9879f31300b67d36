# SPDX-License-Identifier: Apache-2.0
"""A policy, its tests, and suites that are written of them."""

from harness import CommandTest, OK

POLICY = """version=1.0;
authorizationrules
{
  [type=="debug", value==true] => deny();
  [type=="svn", value>=3] => permit();
};
issuancerules
{
  c:[type=="svn"] => issue(type="version", value=c.value);
};
"""
PERMIT = {"decision": "permit", "issued": {"version": 3}}
TESTS = [
    {"name": "release", "claims": {"svn": 3, "debug": False},
     "expect": PERMIT},
    {"name": "old", "claims": {"svn": 2}, "expect": {"decision": "deny"}},
    {"name": "debug", "claims": {"svn": 3, "debug": True},
     "expect": {"decision": "deny"}},
]


class SuiteTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("p.maapolicy", POLICY)

    def suite(self, tests=TESTS, name="s.maatest.json", **members):
        return self.write(name, dict({"policy": "p.maapolicy",
                                      "tests": tests}, **members))

    def one(self, expect, claims=None, status=OK, **members):
        test = dict({"name": "one", "claims": claims or {"svn": 3},
                     "expect": expect}, **members)
        return self.expect(status, "test", self.suite([test]))

    def report(self, *arguments, status=OK):
        return self.expect(status, "test", "--format", "json",
                           *arguments).json
