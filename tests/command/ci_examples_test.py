# SPDX-License-Identifier: Apache-2.0
"""examples/ci: the scripts are run, the YAML read, the hooks tried on a real
repository."""
import glob
import json
import os
import re
import shutil
import subprocess
import unittest

from harness import (MAAPOL, NO, OK, ROOT, SECONDS, USAGE, CommandTest,
                     environment, read)
from remote_server import CLIENT, TENANT, make_certificate, make_key, pem

try:
    import yaml
except ImportError:
    yaml = None

CI = os.path.join(ROOT, "examples", "ci")
SERVE = os.path.join(os.path.dirname(MAAPOL), "maapol-serve")

POLICY = """// maapol: type=SgxEnclave
version=1.0;
authorizationrules
{
  [type=="x-ms-sgx-is-debuggable", value==false]
    => permit();
};
"""
SUITE = {"policy": "enclave.maapolicy", "type": "SgxEnclave", "tests": [
    {"name": "release", "claims": {"x-ms-sgx-is-debuggable": False},
     "expect": {"decision": "permit"}},
    {"name": "debug", "claims": {"x-ms-sgx-is-debuggable": True},
     "expect": {"decision": "deny"}}]}


class CiTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("policies/enclave.maapolicy", POLICY)
        self.write("policies/enclave.maatest.json", SUITE)
        # What the tests judge is the scripts, not this layout of ours.
        self.expect(OK, "fmt", "-w", "policies")

    def run_(self, *command, status=OK, cwd=None, **env):
        done = subprocess.run(
            command, cwd=cwd or self.directory, stdin=subprocess.DEVNULL,
            env=environment({"MAAPOL": MAAPOL, **env}), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=3 * SECONDS)
        self.assertEqual(status, done.returncode, done.stdout)
        return done.stdout

    def script(self, name, *arguments, **options):
        return self.run_(os.path.join(CI, "scripts", name), *arguments,
                         **options)

    def policy(self):
        return read(self.path("policies/enclave.maapolicy"))


class CheckPolicies(CiTest):
    def test_all_is_well(self):
        out = self.script("check-policies", "policies")
        for name in ("lint", "format", "test"):
            self.assertIn("== " + name, out)

    def test_each_step_can_fail_and_hides_no_other(self):
        good = self.policy()
        for text, word in ((good.replace("==false", "=false"), "P002"),
                           (good.replace("  ", "     "), "enclave")):
            self.write("policies/enclave.maapolicy", text)
            with self.subTest(text):
                out = self.script("check-policies", "policies", status=NO) \
                    if "     " in text else self.script_fails("policies")
                self.assertIn(word, out)
                self.assertIn("== test", out)
        self.write("policies/enclave.maapolicy", good)
        suite = json.loads(json.dumps(SUITE))
        suite["tests"][1]["expect"]["decision"] = "permit"
        self.write("policies/enclave.maatest.json", suite)
        self.script("check-policies", "policies", status=NO)

    def script_fails(self, *arguments):
        done = subprocess.run(
            [os.path.join(CI, "scripts", "check-policies"), *arguments],
            cwd=self.directory, env=environment({"MAAPOL": MAAPOL}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.STDOUT, timeout=SECONDS)
        self.assertNotEqual(0, done.returncode)
        return done.stdout

    def test_coverage_below_the_threshold(self):
        self.write("policies/enclave.maatest.json",
                   {**SUITE, "tests": SUITE["tests"][1:]})
        self.script("check-policies", "policies", status=NO)
        self.script("check-policies", "policies", POLICY_THRESHOLD="0")

    def test_no_policies_are_no_success(self):
        os.mkdir(self.path("empty"))
        self.script_fails("empty")
        self.script_fails("nowhere")

    def test_a_program_that_is_missing_is_no_success(self):
        self.script("check-policies", "policies", status=127,
                    MAAPOL="/nonexistent/maapol")

    def test_reports(self):
        self.script("check-policies", "policies", POLICY_REPORTS="reports",
                    POLICY_FORMAT="github")
        sarif = json.loads(read(self.path("reports/findings.sarif")))
        self.assertEqual("2.1.0", sarif["version"])
        for name in ("findings.xml", "tests.xml"):
            self.assertIn("<testsuite", read(self.path("reports/" + name)))

    def test_warnings_over_the_limit(self):
        self.write("policies/enclave.maapolicy",
                   self.policy() + "issuancerules\n{\n};\n")
        found = self.maapol("check", "--format", "plain", "policies").out
        if "warning[" not in found:
            self.skipTest("no warning to be had")
        self.script("check-policies", "policies", status=NO,
                    POLICY_MAX_WARNINGS="0")


@unittest.skipUnless(os.path.exists(SERVE), "there is no maapol-serve")
class UploadPolicies(CiTest):
    """Against the emulator."""

    def start(self):
        key = make_key()
        self.write("signer.key", pem(key))
        self.write("signer.pem", pem(make_certificate("signer", key,
                                                      ca=True)))
        server = subprocess.Popen(
            [MAAPOL, "serve", "--state", "state", "--instance",
             "iso=isolated,signer.pem"], cwd=self.directory,
            env=environment(), stdout=subprocess.PIPE, text=True)

        def stop():
            server.terminate()
            server.wait()
            server.stdout.close()
        self.addCleanup(stop)
        return server.stdout.readline().split()[-1]

    def upload(self, url, status=OK, **env):
        env = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT,
               "AZURE_CLIENT_SECRET": "word-3x", "POLICY_ENDPOINT": url,
               "POLICY_CA": "state/ca-certificate.pem", **env}
        return self.script("upload-policies", "policies", status=status,
                           **env)

    def test_upload(self):
        url = self.start()
        out = self.upload(url, AZURE_AUTHORITY_HOST=url, POLICY_AUDIT="audit")
        self.assertIn("in force and verified", out)
        self.assertNotIn("word-3x", out)
        self.assertTrue(os.path.exists(self.path("audit")))

    def test_signed_upload(self):
        url = self.start()
        self.upload(url + "/i/iso", status=NO, AZURE_AUTHORITY_HOST=url)
        self.assertIn("in force and verified", self.upload(
            url + "/i/iso", AZURE_AUTHORITY_HOST=url,
            POLICY_SIGNER_KEY="signer.key", POLICY_SIGNER_CERT="signer.pem"))

    def test_a_policy_that_is_wrong_is_not_sent(self):
        url = self.start()
        self.write("policies/other.maapolicy", "version=1.0\n")
        done = self.upload(url, status=3, AZURE_AUTHORITY_HOST=url)
        self.assertNotIn("in force", done)

    def test_wrong_usage(self):
        self.script("upload-policies", status=USAGE, POLICY_ENDPOINT="https:")
        self.script("upload-policies", "policies", status=USAGE)
        self.script("upload-policies", "policies", status=USAGE,
                    POLICY_ENDPOINT="https://x.attest.azure.net",
                    POLICY_SIGNER_KEY="k")


@unittest.skipUnless(shutil.which("git"), "there is no git here")
class Hooks(CiTest):
    def setUp(self):
        super().setUp()
        self.git("init", "-q")
        self.git("config", "user.name", "name")
        self.git("config", "user.email", "name@example.org")

    def git(self, *words, status=OK, **env):
        return self.run_("git", *words, status=status, **env)

    def commit(self, status=OK, **env):
        self.git("add", "-A")
        return self.git("commit", "-q", "-m", "change", status=status, **env)

    def use_plain_hook(self):
        shutil.copy(os.path.join(CI, "git-hooks", "pre-commit"),
                    self.path(".git/hooks/pre-commit"))

    def test_plain_hook(self):
        self.use_plain_hook()
        self.commit()
        self.write("policies/enclave.maapolicy",
                   self.policy().replace("==false", "=false"))
        self.assertIn("P002", self.commit(status=1))

    def test_plain_hook_looks_at_the_index(self):
        self.use_plain_hook()
        good = self.policy()
        self.write("policies/enclave.maapolicy",
                   good.replace("==false", "=false"))
        self.git("add", "-A")
        self.write("policies/enclave.maapolicy", good)
        self.git("commit", "-q", "-m", "change", status=1)
        self.git("add", "-A")
        self.write("policies/enclave.maapolicy", "rubbish")
        self.git("commit", "-q", "-m", "change")

    def test_plain_hook_runs_tests_and_asks_for_the_layout(self):
        self.use_plain_hook()
        self.commit()
        good = self.policy()
        self.write("policies/enclave.maapolicy",
                   good.replace("==false", "==true"))
        self.commit(status=1)
        self.write("policies/enclave.maapolicy", good.replace("  ", "    "))
        self.commit(status=1)

    def test_plain_hook_leaves_other_commits_alone(self):
        self.commit()
        self.use_plain_hook()
        self.write("readme", "text")
        self.commit(MAAPOL="/nonexistent/maapol")

    @unittest.skipUnless(shutil.which("pre-commit"), "no pre-commit here")
    def test_pre_commit(self):
        """The definition, as a repository that offers hooks."""
        hooks = self.path("hooks")
        os.mkdir(hooks)
        shutil.copy(os.path.join(ROOT, ".pre-commit-hooks.yaml"), hooks)
        for words in (["init", "-q"], ["add", "-A"],
                      ["-c", "user.name=n", "-c", "user.email=n@example.org",
                       "commit", "-q", "-m", "hooks"]):
            self.run_("git", *words, cwd=hooks)
        shutil.move(hooks, hooks + ".away")
        self.addCleanup(shutil.rmtree, hooks + ".away", ignore_errors=True)
        source = read(os.path.join(CI, "pre-commit",
                                   ".pre-commit-config.yaml"))
        head = self.run_("git", "rev-parse", "HEAD",
                         cwd=hooks + ".away").strip()
        source = re.sub(r"repo: .*", "repo: %s.away" % hooks, source)
        source = re.sub(r"rev: .*", "rev: " + head, source)
        self.write(".pre-commit-config.yaml", source)
        self.write(".gitignore", "hooks.away\nhome\n")
        os.makedirs(self.path("home"))
        env = {"HOME": self.path("home"),
               "PATH": os.path.dirname(MAAPOL) + ":/usr/bin:/bin"}
        self.git("add", "-A")
        out = self.run_("pre-commit", "run", "--all-files", **env)
        self.assertEqual(3, out.count("Passed"), out)
        self.write("policies/enclave.maapolicy",
                   self.policy().replace("==false", "=false"))
        self.git("add", "-A")
        out = self.run_("pre-commit", "run", "--all-files", status=1, **env)
        self.assertIn("P002", out)


@unittest.skipUnless(yaml, "there is no python3-yaml here")
class Definitions(unittest.TestCase):
    def load(self, name):
        return yaml.safe_load(read(os.path.join(CI, name)))

    def test_all_are_yaml(self):
        names = glob.glob(os.path.join(CI, "**", "*.yml"), recursive=True)
        self.assertGreaterEqual(len(names), 5)
        for name in names:
            with self.subTest(name):
                self.assertIsInstance(yaml.safe_load(read(name)), dict)

    def test_actions_run_scripts_that_are_there(self):
        for name in ("check", "upload"):
            folder = os.path.join(CI, "github", name)
            action = self.load("github/%s/action.yml" % name)
            self.assertEqual("composite", action["runs"]["using"])
            for step in action["runs"]["steps"]:
                self.assertEqual("bash", step["shell"])
                # An input within a script would be run as part of it.
                self.assertNotIn("${{", step["run"])
                path = re.match(r'"\$GITHUB_ACTION_PATH/([^"]*)"',
                                step["run"]).group(1)
                self.assertTrue(os.access(os.path.join(folder, path),
                                          os.X_OK), path)
                for value in step.get("env", {}).values():
                    for given in re.findall(r"inputs\.([\w-]+)", value):
                        self.assertIn(given, action["inputs"])

    def test_workflow_gives_inputs_that_the_actions_have(self):
        flow = self.load("github/workflow.yml")
        self.assertEqual("check", flow["jobs"]["upload"]["needs"])
        self.assertEqual("write",
                         flow["jobs"]["upload"]["permissions"]["id-token"])
        self.assertNotIn("id-token", flow["jobs"]["check"]["permissions"])
        for name, job in flow["jobs"].items():
            action = self.load("github/%s/action.yml" % name)
            step = next(s for s in job["steps"] if "/examples/ci/" in
                        s.get("uses", ""))
            self.assertLessEqual(set(step["with"]), set(action["inputs"]))
            self.assertLessEqual(
                {n for n, i in action["inputs"].items() if i.get("required")},
                set(step["with"]))

    def test_only_merged_policies_are_uploaded(self):
        flow = self.load("github/workflow.yml")["jobs"]["upload"]
        self.assertIn("refs/heads/main", flow["if"])
        stage = self.load("azure-pipelines/policies.yml")["stages"][1]
        self.assertEqual("check", stage["dependsOn"])
        self.assertIn("PullRequest", stage["condition"])
        job = self.load("gitlab/.gitlab-ci.yml")["upload"]
        self.assertEqual(["check"], job["needs"])
        self.assertIn("CI_DEFAULT_BRANCH", job["rules"][0]["if"])

    def test_azure_template_has_the_parameters_that_are_given(self):
        template = self.load("azure-pipelines/policies.yml")
        given = self.load("azure-pipelines/azure-pipelines.yml")["extends"]
        names = {p["name"] for p in template["parameters"]}
        wanted = {p["name"] for p in template["parameters"]
                  if "default" not in p}
        self.assertLessEqual(set(given["parameters"]), names)
        self.assertLessEqual(wanted, set(given["parameters"]))
        self.assertTrue(os.path.exists(os.path.join(
            ROOT, given["template"].split("@")[0])))

    def test_every_script_that_is_named_is_there(self):
        for path in glob.glob(os.path.join(CI, "**", "*.yml"),
                              recursive=True) + [
                                  os.path.join(CI, "gitlab",
                                               ".gitlab-ci.yml")]:
            for name in re.findall(r"examples/ci/scripts/([\w-]+)",
                                   read(path)):
                self.assertTrue(os.access(os.path.join(
                    CI, "scripts", name), os.X_OK), path)

    def test_pre_commit_example_names_hooks_that_are_offered(self):
        offered = {h["id"]: h for h in yaml.safe_load(read(os.path.join(
            ROOT, ".pre-commit-hooks.yaml")))}
        used = self.load("pre-commit/.pre-commit-config.yaml")["repos"][0]
        self.assertEqual(set(offered), {h["id"] for h in used["hooks"]})
        self.assertTrue(re.search(offered["maapol-check"]["files"],
                                  "a/b.maapolicy"))


if __name__ == "__main__":
    unittest.main()
