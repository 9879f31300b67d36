# SPDX-License-Identifier: Apache-2.0
"""Messages of TPM and VBS from making to decision."""
import base64
import json
import os
import shutil
import unittest

from harness import (CommandTest, INPUT, NO, OK, ROOT, USAGE, read)

FOLDER = os.path.join(ROOT, "examples", "tpm")
ROOTS = ["--roots", FOLDER]
POLICY = os.path.join(FOLDER, "policy.maapolicy")
PERMIT = "version=1.2; authorizationrules { => permit(); };"
LOOSE = ('version=1.2; configurationrules { => issueproperty(type='
         '"require_valid_aik_cert", value=false); => issueproperty(type='
         '"required_pcr_mask", value=128); }; authorizationrules { => '
         'permit(); };')


def sample(name):
    return os.path.join(FOLDER, name)


class Tpm(CommandTest):
    def attest(self, status, *arguments):
        return self.expect(status, "attest", "--type", "Tpm", *arguments)

    def make(self, *settings, name="m.json", env=None):
        fields = [word for s in settings for word in ("--set", s)]
        self.expect(OK, "evidence", "make", "--type", "Tpm", "--pki", "pki",
                    *fields, "-o", name, env=env)
        return name

    def test_samples_are_decided(self):
        result = self.attest(OK, *ROOTS, "--policy", POLICY, "--request",
                             sample("request.json"), "--format", "json").json
        self.assertEqual("permit", result["decision"])
        self.assertIs(True, result["issued"]["secure-boot"])
        self.assertIs(True, result["claims"]["aikValidated"])
        self.assertIs(True, result["verification"]["verified"])
        self.attest(NO, *ROOTS, "--policy", POLICY, "--tpm",
                    sample("message-debug.json"))
        self.write("p", PERMIT)
        result = self.attest(OK, *ROOTS, "--policy", "p", "--tpm",
                             sample("message-vbs.json"), "--format", "json")
        self.assertEqual(3, result.json["claims"]["enclaveSvn"])
        self.assertEqual("vbs",
                         result.json["claims"]["x-ms-attestation-type"])

    def test_no_root_no_permit(self):
        self.write("p", PERMIT)
        result = self.attest(NO, "--policy", "p", "--tpm",
                             sample("message.json"))
        self.assertIn("AIK certificate", result.err)
        self.assertNotIn("permit", result.out)
        result = self.attest(OK, "--policy", "p", "--verify", "none", "--tpm",
                             sample("message.json"), "--format", "json").json
        self.assertIs(False, result["claims"]["aikValidated"])
        self.assertIn("evidence: signatures not verified", result["notes"])

    def test_no_policy_no_answer(self):
        result = self.attest(INPUT, *ROOTS, "--tpm", sample("message.json"))
        self.assertTrue(result.err.startswith(
            "Bad request: A VBS attestation policy has not been set"), result)

    def test_configuration_acts(self):
        self.write("strict", PERMIT)
        self.write("loose", LOOSE)
        name = self.make("pcr-mask=0x80", "aik-certificate=none")
        for policy, status in (("strict", NO), ("loose", OK)):
            result = self.attest(status, "--roots", "pki", "--policy", policy,
                                 "--tpm", name)
        self.assertIn("require_valid_aik_cert", result.err)

    def test_what_is_not_quoted_is_not_told(self):
        self.make("pcr-mask=0x7f")
        claims = self.expect(OK, "evidence", "show", "--format", "json",
                             "m.json").json["claims"]
        self.assertIs(False, claims["secureBootEnabled"])
        events = claims["events"]["Events"]
        self.assertTrue(events)
        self.assertEqual(set(), {e["PcrIndex"] for e in events} - set(range(7)))

    def test_every_part_of_a_message(self):
        """One letter of the JWS after the other, all over it."""
        message = json.loads(read(sample("message.json")))
        jws = message["payload"]["request"]
        for place in range(0, len(jws), 997):
            letter = "A" if jws[place] != "A" else "B"
            message["payload"]["request"] = (jws[:place] + letter +
                                             jws[place + 1:])
            self.write("flipped", json.dumps(message))
            result = self.maapol("evidence", "verify", "--type", "Tpm",
                                 *ROOTS, "flipped")
            self.assertIn(result.status, (NO, INPUT), place)

    def test_forms(self):
        token = json.loads(read(sample("message.json")))["payload"]["request"]
        payload = token.split(".")[1]
        payload = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        for text, status in ((token, OK), (json.dumps({"request": token}), OK),
                             (token + "\n", OK), (payload.decode(), NO)):
            self.write("form", text)
            self.expect(status, "evidence", "verify", *ROOTS, "form")

    def test_bad_input(self):
        for text, words in (
                ('{"payload":{"type":"aikcert"}}', "asks for a challenge"),
                ('{"request":"a.b"}', "three parts"),
                ('{"request":1}', "no string"),
                ('{"request":"e30.e30.AA"}', "typ is"),
                ('{"att_data":{}}', "att_type"), ("{", "JSON"), ("", "empty"),
                ('{"data":"*"}', "base64url")):
            self.write("bad", text)
            for verb in ("show", "verify"):
                result = self.expect(INPUT, "evidence", verb, "--type", "Tpm",
                                     "bad")
                self.assertIn(words, result.err)

    def test_make_says_what_it_wants(self):
        for field, words in (("bank=md5", "sha256, sha1 or both"),
                             ("version=3", "1 or 2"),
                             ("challenge=xyz", "hex"),
                             ("pcr-mask=0x1000000", "number from 0"),
                             ("custom-claim=x", "NAME:TYPE:VALUE"),
                             ("secure-bot=true", "did you mean secure-boot")):
            result = self.expect(USAGE, "evidence", "make", "--type", "Tpm",
                                 "--set", field, "-o", "x")
            self.assertIn(words, result.err)

    @unittest.skipUnless(shutil.which("swtpm"), "swtpm is not installed")
    def test_a_tpm_in_software(self):
        """Of every scheme; nothing is left of it behind."""
        os.mkdir(self.path("tmp"))
        for fields in (["aik-scheme=RSAPSS", "version=1"],
                       ["aik-scheme=ECDSA", "bank=both", "ima=true"],
                       ["rp-data=nonce"]):
            name = self.make("source=swtpm", *fields,
                             env={"TMPDIR": self.path("tmp")})
            result = self.expect(OK, "evidence", "verify", "--roots", "pki",
                                 name)
            self.assertNotIn("failed", result.out)
        self.assertEqual([], os.listdir(self.path("tmp")))
        result = self.attest(OK, "--policy", POLICY, "--roots", "pki", "--tpm",
                             name, "--format", "claims").json
        self.assertEqual("bm9uY2U", result["nonce"])

    def test_a_program_that_is_no_tpm(self):
        """It ends, or answers what no TPM would."""
        for number, script in enumerate(
                ("exit 1", "echo rubbish that is long enough >&3; cat <&3",
                 "printf '\\200\\002\\0\\0\\0\\012\\0\\0\\0\\0' >&3; cat <&3",
                 "printf '\\200\\002\\377\\377\\0\\012\\0\\0\\0\\0' >&3")):
            folder = "bin%d" % number
            os.makedirs(self.path(folder))
            self.write(folder + "/swtpm", "#!/bin/sh\n%s\n" % script)
            os.chmod(self.path(folder + "/swtpm"), 0o755)
            result = self.maapol("evidence", "make", "--type", "Tpm", "--set",
                                 "source=swtpm", "-o", "x",
                                 env={"PATH": self.path(folder) +
                                      ":/usr/bin:/bin"})
            self.assertIn(result.status, (INPUT, 4), result.err)
            self.assertRegex(result.err, "TPM2_CreatePrimary")
            self.assertFalse(os.path.exists(self.path("x")))

    def test_without_the_program(self):
        result = self.maapol("evidence", "make", "--type", "Tpm", "--set",
                             "source=swtpm", "-o", "x",
                             env={"PATH": self.path("nowhere")})
        self.assertEqual(4, result.status)
        self.assertIn("swtpm: ", result.err)


if __name__ == "__main__":
    unittest.main()
