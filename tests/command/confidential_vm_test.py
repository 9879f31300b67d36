# SPDX-License-Identifier: Apache-2.0
"""Evidence of confidential VMs, SEV-SNP and TDX, and synthetic collateral."""
import os
import unittest

from harness import CommandTest, INPUT, NO, OK, USAGE, read

VMS = ("SevSnpVm", "TdxVm")
ALL = VMS + ("SgxEnclave", "OpenEnclave")
DEBUG = {"SevSnpVm": "x-ms-sevsnpvm-is-debuggable",
         "TdxVm": "tdx_td_attributes_debug"}
POLICY = ('version=1.0;authorizationrules{c:[type=="%s",value==false]'
          '=>permit();};issuancerules{};')


class VmTest(CommandTest):
    def make(self, kind, *settings, name="evidence", options=()):
        words = [w for s in settings for w in ("--set", s)]
        self.expect(OK, "evidence", "make", "--type", kind, "--pki", "pki",
                    *words, *options, "-o", name)
        return name

    def verify(self, status, *words):
        return self.expect(status, "evidence", "verify", "--roots", "pki",
                           *words)

    def option(self, kind):
        return "--report" if kind in ("SevSnpVm", "OpenEnclave") else "--quote"


class Evidence(VmTest):
    def test_show_names_the_fields_that_were_set(self):
        for kind, field in (("SevSnpVm", "host-data=" + "ab" * 32),
                            ("TdxVm", "mrtd=" + "cd" * 48)):
            name, value = field.split("=")
            self.make(kind, field)
            report = self.expect(OK, "evidence", "show", "--format", "json",
                                 "evidence").json
            self.assertEqual(value,
                             report["fields"]["report"][name]["value"])

    def test_verify_notices_a_changed_byte(self):
        for kind in VMS:
            self.make(kind, *(["form=raw"] if kind == "SevSnpVm" else []))
            certs = ["--certs", "pki/snp-chain.txt"]
            words = certs if kind == "SevSnpVm" else []
            self.verify(OK, *words, "evidence")
            raw = read(os.path.join(self.directory, "evidence"), "rb")
            for place in (100, 200, 500, 600):
                changed = bytearray(raw)
                changed[place] ^= 1
                self.write("changed", bytes(changed))
                self.verify(NO, *words, "--type", kind, "changed")

    def test_wrong_fields(self):
        for kind in VMS:
            for setting in ("mrsigner2=1", "debug=maybe", "runtime-data=@no",
                            "tcb-status=UpToDate", "report-data=00"):
                with self.subTest(kind, setting=setting):
                    status = INPUT if "@" in setting else USAGE
                    self.expect(status, "evidence", "make", "--type", kind,
                                "--set", setting, "-o", "x")

    def test_hcl_report_of_tdx_is_not_verified(self):
        self.make("TdxVm", "form=hcl")
        result = self.expect(NO, "evidence", "verify", "evidence")
        self.assertIn("not verified: TDREPORT", result.out)
        result = self.expect(NO, "attest", "--quote", "evidence")
        self.assertIn("MAC", result.err)
        self.assertNotIn("permit", result.out)


class Attest(VmTest):
    def test_policy_decides_by_claims(self):
        for kind in VMS:
            self.write("policy", POLICY % DEBUG[kind])
            for debug, status in (("false", OK), ("true", NO)):
                self.make(kind, "debug=" + debug)
                with self.subTest(kind, debug=debug):
                    self.expect(status, "attest", "--type", kind, "--policy",
                                "policy", self.option(kind), "evidence",
                                "--roots", "pki")

    def test_no_root_no_permit(self):
        for kind in VMS:
            self.make(kind)
            result = self.expect(NO, "attest", "--type", kind,
                                 self.option(kind), "evidence")
            self.assertNotIn("permit", result.out)

    def test_compliance_is_a_setting(self):
        for kind in VMS:
            self.make(kind)
            words = ["attest", "--type", kind, self.option(kind), "evidence",
                     "--format", "claims"]
            name = "x-ms-compliance-status"
            plain = self.expect(OK, *words, "--roots", "pki").json
            self.assertNotIn(name, plain)
            said = self.expect(OK, *words, "--roots", "pki", "--compliance",
                               "azure-compliant-cvm").json
            self.assertEqual("azure-compliant-cvm", said[name])
            self.expect(NO, *words, "--compliance", "azure-compliant-cvm")
            self.expect(USAGE, *words, "--compliance", "yes")

    def test_a_wrong_policy_is_not_the_evidences_fault(self):
        self.make("TdxVm")
        self.write("policy", "version=1.0;")
        report = self.expect(INPUT, "attest", "--quote", "evidence",
                             "--policy", "policy", "--format", "json").json
        self.assertEqual("the evidence was not looked at",
                         report["verification"]["reason"])


class Collateral(VmTest):
    def test_full_verification_offline(self):
        for kind in ALL:
            with self.subTest(kind):
                self.make(kind, options=["--collateral", kind])
                self.verify(OK, "--collateral", kind, "evidence")
                self.expect(OK, "attest", "--type", kind, self.option(kind),
                            "evidence", "--roots", "pki", "--verify", "full",
                            "--collateral", kind)
                result = self.verify(NO, "--collateral", kind, "--now",
                                     "2051-01-01T00:00:00Z", "evidence")
                self.assertIn("failed", result.out)

    def test_what_is_behind_or_revoked_is_refused(self):
        for kind, setting in (("SevSnpVm", "revoked=sev-ca"),
                              ("TdxVm", "module-status=OutOfDate"),
                              ("TdxVm", "revoked=pck"),
                              ("SgxEnclave", "tcb-status=OutOfDate"),
                              ("OpenEnclave", "revoked=tcb-signing"),
                              ("SevSnpVm",
                               "collateral-until=2020-01-01T00:00:00Z")):
            with self.subTest(kind, setting=setting):
                self.make(kind, setting, options=["--collateral", "c"])
                self.verify(NO, "--collateral", "c", "evidence")
        self.make("SgxEnclave", "tcb-status=OutOfDate",
                  options=["--collateral", "c"])
        self.verify(OK, "--collateral", "c", "--accept-tcb",
                    "UpToDate,OutOfDate", "evidence")

    def test_collateral_of_another_vendor_is_none(self):
        self.make("SevSnpVm", name="snp", options=["--collateral", "amd"])
        self.make("TdxVm", name="tdx", options=["--collateral", "intel"])
        self.verify(NO, "--collateral", "intel", "snp")
        self.verify(NO, "--collateral", "amd", "tdx")

    def test_needs_the_authority_to_be_kept(self):
        self.expect(USAGE, "evidence", "make", "--type", "TdxVm",
                    "--collateral", "c", "-o", "x")


if __name__ == "__main__":
    unittest.main()
