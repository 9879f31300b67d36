#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Claims files of machines that never were, as a TPM attestation sees them.

A log is a list of events with EventSeq, EventTypeString, PcrIndex and
ProcessedData; tagged events of Windows hold their members either directly or
in EVENT_TRUSTBOUNDARY. Shapes are those that Microsoft's sample queries read.

usage: make_events.py DIR    writes DIR/SCENARIO.json, one for each scenario
"""
import base64
import hashlib
import json
import os
import sys

# UEFI specification: EFI_GLOBAL_VARIABLE and the image security database.
GLOBAL = "8BE4DF61-93CA-11D2-AA0D-00E098032B8C"
IMAGES = "D719B2CB-3D3A-4596-A3BC-DAD00E67656F"
HVCI = "HypervisorEnforcedCodeIntegrityEnable"
ELAM = "\\Windows\\system32\\drivers\\WdBoot.sys"
LOADER = "\\Windows\\System32\\winload.efi"
MALICIOUS = "\\Windows\\System32\\drivers\\malicious.sys"


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Log:
    """An event log; every method adds one event."""

    def __init__(self):
        self.events = []

    def add(self, kind, pcr, data):
        self.events.append({"EventSeq": len(self.events),
                            "EventTypeString": kind, "PcrIndex": pcr,
                            "ProcessedData": data})

    def variable(self, name, data, pcr=7, guid=GLOBAL,
                 kind="EV_EFI_VARIABLE_DRIVER_CONFIG"):
        self.add(kind, pcr, {"VariableGuid": guid, "UnicodeName": name,
                             "VariableData": b64url(data)})

    def boot_order(self, data, pcr=1):
        self.variable("BootOrder", data, pcr, GLOBAL, "EV_EFI_VARIABLE_BOOT")

    def tag(self, pcr, **members):
        self.add("EV_EVENT_TAG", pcr, members)

    def boundary(self, pcr, **members):
        self.tag(pcr, EVENT_TRUSTBOUNDARY=given(members))

    def ima(self, **members):
        self.add("IMA_MEASUREMENT_EVENT", 10, members)

    def claim(self):
        return {"Events": self.events}


def given(members):
    """None leaves a member out."""
    return {name: value for name, value in members.items()
            if value is not None}


def modules(*paths):
    return [{"EVENT_FILEPATH": path, "EVENT_IMAGEVALIDATED": True}
            for path in paths]


# --- boots ------------------------------------------------------------------

def firmware(log, secure_boot=b"\1"):
    """Events 0 to 4."""
    log.variable("SecureBoot", secure_boot)
    log.variable("PK", b"PK")
    log.variable("KEK", b"KEK")
    log.variable("db", b"db", guid=IMAGES)
    log.variable("dbx", b"dbx", guid=IMAGES)


def windows(secure_boot=b"\1", bitlocker=2, integrity=(True, True),
            debugging=False, vbs=True, mandatory=True, hvci=1,
            drivers=(LOADER, ELAM)):
    """Events 0 to 8. `integrity` is that of PCR 12 and of PCR 13."""
    log = Log()
    firmware(log, secure_boot)
    log.boot_order(b"\0\0\1\0")
    log.add("EV_SEPARATOR", 7, {})
    log.boundary(12, EVENT_BITLOCKER_UNLOCK={"Value": bitlocker},
                 EVENT_BOOTDEBUGGING=debugging,
                 EVENT_CODEINTEGRITY=integrity[0],
                 EVENT_VBS_VSM_REQUIRED=vbs,
                 EVENT_VBS_MANDATORY_ENFORCEMENT=mandatory,
                 EVENT_VBS_HVCI_POLICY={"String": HVCI, "Value": hvci})
    log.boundary(13, EVENT_CODEINTEGRITY=integrity[1],
                 EVENT_DRIVER_LOAD_POLICY={"String": "GoodOnly", "Value": 1},
                 EVENT_LOADEDMODULE_AGGREGATION=modules(*drivers))
    return log


def smm_level(log, value):
    log.tag(20, EVENT_DRTM_SMM={"Value": value})


def state_auth(log, valid=True, pcr=20):
    log.boundary(pcr, EVENT_DRTM_STATE_AUTH={"SignatureValid": valid})


def system_guard(*steps):
    """A boot with a dynamic launch: numbers are SMM levels, booleans state
    auth events with a valid or invalid signature."""
    log = windows()
    for step in steps:
        if isinstance(step, bool):
            state_auth(log, step)
        else:
            smm_level(log, step)
    return log


def weak_windows():
    """Each gate is open, or half open."""
    return windows(b"\0", 0, (True, False), True, True, False, 0,
                   (MALICIOUS,))


def secure_boot_twice():
    log = windows()
    log.variable("SecureBoot", b"\1")
    return log


def elsewhere():
    """All that is asked for, under another name or in another PCR."""
    log = Log()
    log.variable("SecureBoot", b"\1", guid=IMAGES)
    log.variable("SecureBoot", b"\1", kind="EV_EFI_VARIABLE_BOOT")
    log.boundary(14, EVENT_BITLOCKER_UNLOCK={"Value": 2},
                 EVENT_CODEINTEGRITY=True, EVENT_VBS_VSM_REQUIRED=True,
                 EVENT_VBS_HVCI_POLICY={"String": HVCI, "Value": 1},
                 EVENT_LOADEDMODULE_AGGREGATION=modules(ELAM))
    state_auth(log, pcr=19)
    return log


def resumed():
    """What PCR 19 adds to PCR 12: a second answer to the same questions."""
    log = windows(bitlocker=0, integrity=(None, None), mandatory=None)
    log.boundary(19, EVENT_BITLOCKER_UNLOCK={"Value": 4},
                 EVENT_VBS_HVCI_POLICY={"String": HVCI, "Value": 0})
    return log


def other_hvci_policy():
    log = windows()
    log.boundary(19, EVENT_VBS_HVCI_POLICY={"String": "Audit", "Value": 7})
    return log


def linux():
    log = Log()
    firmware(log)
    log.boot_order(b"\3\0\1\0")
    for version in ("6.1.0-9", "6.1.0-9", "6.1.0-10"):
        log.ima(KernelVersion=version)
    for keyring, subject in ((".builtin_trusted_keys", "CN=Build key A"),
                             (".ima", "CN=Local key"),
                             (".builtin_trusted_keys", "CN=Build key B")):
        log.ima(Keyring=keyring, CertificateSubject=subject)
    return log


def bare_linux():
    """Secure boot off; variables that are missing, doubled or misplaced."""
    log = Log()
    log.variable("SecureBoot", b"\0")
    log.variable("PK", b"PK", pcr=6)
    log.variable("db", b"db", guid=IMAGES)
    log.variable("dbx", b"dbx", guid=IMAGES)
    log.variable("dbx", b"dbx", guid=IMAGES)
    log.boot_order(b"\3\0\1\0", pcr=5)
    log.ima(KernelVersion="5.15.0")
    return log


# --- keys, registers, enclaves ----------------------------------------------

def key(kind, certify=None, quote=None):
    info = {}
    if certify:
        names = ("name_alg", "obj_attr", "auth_policy")
        info["tpm_certify"] = dict(zip(names, certify))
    if quote:
        info["tpm_quote"] = {"hash_alg": quote}
    return {"jwk": {"kty": kind}, "info": info}


# SHA-256; fixedTPM, fixedParent and sensitiveDataOrigin.
GOOD = (11, 50, b64url(b"\1\2\3\4"))
OTHER = (12, 64, b64url(b"\0"))


def registers(digests):
    """From the last to the first, among others."""
    listed = [{"Index": index, "Digests": {"SHA1": b64url(bytes(20)),
                                           "SHA256": digest}}
              for index, digest in enumerate(digests)]
    listed.append({"Index": 7, "Digests": {"SHA256": digests[0]}})
    return {"PCRs": listed[::-1]}


def enclave(author=bytes(32), svn=0, report=True):
    return {"vsmReportPresent": report, "enclaveAuthorId": b64url(author),
            "enclaveImageId": b64url(b"\1\1" + bytes(14)), "enclaveSvn": svn}


# --- scenarios --------------------------------------------------------------

def machine(log, version=2, validated=True):
    return {"tpmVersion": version, "aikValidated": validated,
            "events": log.claim()}


def by_client(claims):
    """The same claims, but it is the client that makes them."""
    return [{"type": name, "value": value, "issuer": "CustomClaim"}
            for name, value in claims.items()]


def boots():
    empty = {"tpmVersion": 2, "aikValidated": True}
    return {
        "hardened": machine(system_guard(3, True)),
        "weak": machine(weak_windows(), validated=False),
        "old-tpm": machine(system_guard(3, True), version=1),
        "empty-log": machine(Log()),
        "no-log": empty,
        "not-a-log": {**empty, "events": {}},
        "from-client": by_client(machine(system_guard(3, True))),
        "secure-boot-twice": machine(secure_boot_twice()),
        "elsewhere": machine(elsewhere()),
        "resumed": machine(resumed()),
        "other-hvci-policy": machine(other_hvci_policy()),
        "linux": machine(linux()),
        "bare-linux": machine(bare_linux()),
        "drtm-invalid": machine(system_guard(3, False)),
        "drtm-twice": machine(system_guard(3, True, True)),
        "smm-late": machine(system_guard(True, 3)),
        "smm-twice": machine(system_guard(2, 3, True)),
        "smm-around": machine(system_guard(1, True, 3)),
    }


def keys():
    request, others = "x-ms-tpm-request-key", "x-ms-tpm-other-keys"
    certified = {request: key("RSA", GOOD), others: [key("RSA", GOOD)]}
    return {
        "rsa-certified": certified,
        "rsa-quoted": {request: key("RSA", quote="sha-256"), others: []},
        "ec-certified": {request: key("EC", (*GOOD[:2], OTHER[2]))},
        "keys-mixed": {request: key("EC", OTHER),
                       others: [key("RSA", GOOD), key("EC", OTHER)]},
        "other-attributes": {request: key("RSA", (11, 114, GOOD[2]))},
        "keys-from-client": by_client(certified),
    }


def register_states(digests):
    changed = [*digests[:2], hashlib.sha256(b"else").hexdigest(),
               *digests[3:]]
    upper = [digest.upper() for digest in digests]
    states = {"pcrs-good": digests, "pcrs-changed": changed,
              "pcrs-upper-case": upper, "pcrs-missing": digests[:-1]}
    claims = {name: {"pcrs": registers(listed)}
              for name, listed in states.items()}
    claims["pcrs-from-client"] = by_client(claims["pcrs-good"])
    return claims


def enclaves():
    return {
        "enclave": enclave(),
        "enclave-newer": enclave(svn=7),
        "enclave-other-author": enclave(author=b"\1" * 32),
        "enclave-no-report": enclave(report=False),
        "enclave-negative-svn": enclave(svn=-1),
        "enclave-text-svn": enclave(svn="1"),
        "enclave-from-client": by_client(enclave()),
    }


def boot_events():
    odd = Log()
    odd.add("EV_SEPARATOR", 7, {"UnicodeName": "caf\u00e9 \"x\\y\" a/b\n"})
    return {
        "boot-events": {"bootEvents": {"b": [1, True], "a": "x/y"},
                        "events": {"Events": []}},
        "boot-events-listed": {"bootEvents": [7, "x", True]},
        "odd-characters": {"events": odd.claim()},
    }


def scenarios(digests=()):
    """Name to claims. `digests` are those that a policy wants in PCR 0 and
    on, in hexadecimal."""
    made_up = [hashlib.sha256(bytes([i])).hexdigest() for i in range(4)]
    return {**boots(), **keys(), **register_states(list(digests) or made_up),
            **enclaves(), **boot_events()}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, claims in scenarios().items():
        path = os.path.join(sys.argv[1], name + ".json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(claims, file, indent=2, ensure_ascii=False)
            file.write("\n")


if __name__ == "__main__":
    main()
