/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/event_fields.h"

#define LOG EVENT_PARENT_LOG
#define PCRS EVENT_PARENT_PCRS
#define EVENT EVENT_PARENT_EVENT
#define DATA EVENT_PARENT_DATA
#define PCR EVENT_PARENT_PCR
#define DIGESTS EVENT_PARENT_DIGESTS
#define OF_VALUE EVENT_PARENT_VALUE
#define OTHER EVENT_PARENT_OTHER
#define FLAG VALUE_BOOLEAN, OTHER, true
#define NUMBER VALUE_INTEGER, OTHER, true
#define TEXT VALUE_STRING, OTHER, true
#define TEXT_UNJUDGED VALUE_STRING, OTHER, false

/* Packed, where the formatter would give every member a line of its own. */
/* clang-format off */
const event_field event_fields[] = {
    {"Events", LOG, VALUE_ARRAY, EVENT, false,
     "the events of the log, in its order"},
    {"PCRs", PCRS, VALUE_ARRAY, PCR, false,
     "the platform configuration registers, by ascending index"},
    {"EventSeq", EVENT, NUMBER, "number of the event in the log, from 0"},
    {"PcrIndex", EVENT, NUMBER, "the PCR that the event went into"},
    {"EventType", EVENT, VALUE_INTEGER, OTHER, false,
     "number of the event's type"},
    {"EventTypeString", EVENT, TEXT,
     "name of the event's type: EV_SEPARATOR, IMA_MEASUREMENT_EVENT, .."},
    {"ProcessedData", EVENT, VALUE_OBJECT, DATA, false,
     "what the event says, as far as its digest proves it; else {}"},
    {"Digests", EVENT, VALUE_OBJECT, DIGESTS, false,
     "the event's digests by algorithm, in lower-case hex"},
    {"Index", PCR, NUMBER, "number of the PCR"},
    {"Digests", PCR, VALUE_OBJECT, DIGESTS, false,
     "what the PCR holds, by algorithm, in lower-case hex"},
    {"SHA1", DIGESTS, TEXT_UNJUDGED, "40 lower-case hex digits"},
    {"SHA256", DIGESTS, TEXT_UNJUDGED, "64 lower-case hex digits"},
    {"VariableGuid", DATA, TEXT, "GUID of a UEFI variable, in upper case"},
    {"UnicodeName", DATA, TEXT,
     "name of a UEFI variable: SecureBoot, PK, KEK, db, dbx, .."},
    {"VariableData", DATA, TEXT,
     "data of a UEFI variable in base64url; AQ is 1, AA is 0"},
    {"EVENT_TRUSTBOUNDARY", DATA, VALUE_OBJECT, DATA, false,
     "events of one trust boundary of Windows"},
    {"EVENT_APPLICATION_SVN", DATA, NUMBER, "security version of the boot "
     "application"},
    {"EVENT_MODULE_SVN", DATA, NUMBER, "security version of a module"},
    {"EVENT_BOOTCOUNTER", DATA, VALUE_INTEGER, OTHER, false,
     "how often the machine was started"},
    {"EVENT_FILEPATH", DATA, TEXT, "path of a module that was loaded"},
    {"EVENT_SYSTEMROOT", DATA, TEXT_UNJUDGED, "folder of Windows"},
    {"EVENT_AUTHORITYPUBLISHER", DATA, TEXT_UNJUDGED,
     "who signed a module"},
    {"EVENT_IMAGEVALIDATED", DATA, FLAG,
     "whether the signature of a module was found good"},
    {"EVENT_BOOTDEBUGGING", DATA, FLAG, "whether the boot can be debugged"},
    {"EVENT_OSKERNELDEBUG", DATA, FLAG, "whether the kernel can be debugged"},
    {"EVENT_HYPERVISOR_DEBUG", DATA, VALUE_BOOLEAN, OTHER, false,
     "whether the hypervisor can be debugged"},
    {"EVENT_CODEINTEGRITY", DATA, FLAG,
     "whether only signed code is loaded into the kernel"},
    {"EVENT_TESTSIGNING", DATA, FLAG, "whether test signatures are enough"},
    {"EVENT_FLIGHTSIGNING", DATA, FLAG,
     "whether signatures of pre-release builds are enough"},
    {"EVENT_SAFEMODE", DATA, FLAG, "whether it is started in safe mode"},
    {"EVENT_WINPE", DATA, FLAG,
     "whether it is the installation environment (WinPE)"},
    {"EVENT_VBS_VSM_REQUIRED", DATA, FLAG,
     "whether virtual secure mode is demanded"},
    {"EVENT_VBS_MANDATORY_ENFORCEMENT", DATA, FLAG,
     "whether it does not start without virtualization-based security"},
    {"EVENT_VBS_IOMMU_REQUIRED", DATA, FLAG,
     "whether protection from direct memory access is demanded"},
    {"EVENT_VBS_HVCI_POLICY", DATA, VALUE_OBJECT, OF_VALUE, false,
     "code integrity by the hypervisor: {Value, String}; 1 is enabled"},
    {"EVENT_BITLOCKER_UNLOCK", DATA, VALUE_OBJECT, OF_VALUE, false,
     "how BitLocker was unlocked: {Value}"},
    {"EVENT_DATAEXECUTIONPREVENTION", DATA, VALUE_OBJECT, OF_VALUE, false,
     "data execution prevention: {Value}"},
    {"EVENT_DRIVER_LOAD_POLICY", DATA, VALUE_OBJECT, OF_VALUE, false,
     "which drivers early launch antimalware lets through: {Value}"},
    {"EVENT_DRTM_SMM", DATA, VALUE_OBJECT, OF_VALUE, false,
     "protection from system management mode: {Value}"},
    {"EVENT_LOADEDMODULE_AGGREGATION", DATA, VALUE_ARRAY, DATA, false,
     "modules that were loaded"},
    {"EVENT_ELAM_AGGREGATION", DATA, VALUE_ARRAY, DATA, false,
     "what early launch antimalware measured"},
    {"Value", OF_VALUE, VALUE_INTEGER, OTHER, false, "the number"},
    {"String", OF_VALUE, TEXT_UNJUDGED, "its name, if it has one"},
    {"KernelVersion", DATA, TEXT_UNJUDGED, "version of the Linux kernel"},
    {"Keyring", DATA, TEXT_UNJUDGED, "keyring that a key was put into (IMA)"},
    {"CertificateSubject", DATA, TEXT_UNJUDGED,
     "subject of a key's certificate (IMA)"},
    {"FileName", DATA, TEXT_UNJUDGED, "path of a file that was run (IMA)"},
    {"FileDigest", DATA, TEXT_UNJUDGED, "digest of a file that was run (IMA)"},
    {"String", DATA, TEXT_UNJUDGED, "the text of an event that is one"},
    {"RawData", DATA, TEXT_UNJUDGED, "data of another form, in base64url"},
    {NULL, 0, 0, 0, false, NULL},
};
/* clang-format on */

const event_field *event_field_find(slice name, event_parent parent) {
  for (const event_field *f = event_fields; f->name; f++)
    if (slice_is(name, f->name) &&
        (parent == EVENT_PARENT_ANY || f->parent == parent))
      return f;
  return NULL;
}
