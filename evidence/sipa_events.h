/* SPDX-License-Identifier: Apache-2.0 */
/* Events of Windows (SIPA, as in a WBCL): tagged values, some of which hold
 * others. Each is a number, a length and that many bytes, little-endian
 * (Windows SDK, wbcl.h).
 */
#ifndef EVIDENCE_SIPA_EVENTS_H
#define EVIDENCE_SIPA_EVENTS_H

#include "base/value.h"

/* How a value is told. */
typedef enum sipa_format {
  SIPA_FLAG,   /* true or false */
  SIPA_NUMBER, /* an integer */
  SIPA_VALUE,  /* {"Value": integer} */
  SIPA_NAMED,  /* {"Value": integer, "String": its name} */
  SIPA_TEXT,   /* a string; UTF-16 in the log */
  SIPA_RAW,    /* {"RawData": base64url} */
  SIPA_LIST,   /* the same in an array, as there may be several */
  SIPA_GROUP,  /* an object of the values inside; several are one */
  SIPA_GROUPS  /* an array of such objects */
} sipa_format;

/* EVENT(number, name, format). Names are those of wbcl.h without SIPA, but
 * for EVENT_DRTM_SMM (SIPAEVENT_DRTM_SMM_LEVEL), which Microsoft's samples
 * name so. Formats are those of the samples where they have the event. */
#define SIPA_EVENTS(EVENT)                                                     \
  EVENT(0x00020001, EVENT_INFORMATION, RAW)                                    \
  EVENT(0x00020002, EVENT_BOOTCOUNTER, NUMBER)                                 \
  EVENT(0x00020003, EVENT_TRANSFER_CONTROL, VALUE)                             \
  EVENT(0x00020004, EVENT_APPLICATION_RETURN, VALUE)                           \
  EVENT(0x00020005, EVENT_BITLOCKER_UNLOCK, VALUE)                             \
  EVENT(0x00020006, EVENT_EVENTCOUNTER, NUMBER)                                \
  EVENT(0x00020007, EVENT_COUNTERID, NUMBER)                                   \
  EVENT(0x00020008, EVENT_MORBIT_NOT_CANCELABLE, FLAG)                         \
  EVENT(0x00020009, EVENT_APPLICATION_SVN, NUMBER)                             \
  EVENT(0x0002000a, EVENT_SVN_CHAIN_STATUS, NUMBER)                            \
  EVENT(0x0002000b, EVENT_MORBIT_API_STATUS, NUMBER)                           \
  EVENT(0x00030001, EVENT_ERROR_FIRMWAREFAILURE, RAW)                          \
  EVENT(0x00030003, EVENT_ERROR_INTERNALFAILURE, RAW)                          \
  EVENT(0x00040001, EVENT_BOOTDEBUGGING, FLAG)                                 \
  EVENT(0x00040002, EVENT_BOOT_REVOCATION_LIST, RAW)                           \
  EVENT(0x00050001, EVENT_OSKERNELDEBUG, FLAG)                                 \
  EVENT(0x00050002, EVENT_CODEINTEGRITY, FLAG)                                 \
  EVENT(0x00050003, EVENT_TESTSIGNING, FLAG)                                   \
  EVENT(0x00050004, EVENT_DATAEXECUTIONPREVENTION, VALUE)                      \
  EVENT(0x00050005, EVENT_SAFEMODE, FLAG)                                      \
  EVENT(0x00050006, EVENT_WINPE, FLAG)                                         \
  EVENT(0x00050007, EVENT_PHYSICALADDRESSEXTENSION, VALUE)                     \
  EVENT(0x00050008, EVENT_OSDEVICE, VALUE)                                     \
  EVENT(0x00050009, EVENT_SYSTEMROOT, TEXT)                                    \
  EVENT(0x0005000a, EVENT_HYPERVISOR_LAUNCH_TYPE, VALUE)                       \
  EVENT(0x0005000b, EVENT_HYPERVISOR_PATH, TEXT)                               \
  EVENT(0x0005000c, EVENT_HYPERVISOR_IOMMU_POLICY, VALUE)                      \
  EVENT(0x0005000d, EVENT_HYPERVISOR_DEBUG, FLAG)                              \
  EVENT(0x0005000e, EVENT_DRIVER_LOAD_POLICY, VALUE)                           \
  EVENT(0x0005000f, EVENT_SI_POLICY, LIST)                                     \
  EVENT(0x00050010, EVENT_HYPERVISOR_MMIO_NX_POLICY, VALUE)                    \
  EVENT(0x00050011, EVENT_HYPERVISOR_MSR_FILTER_POLICY, VALUE)                 \
  EVENT(0x00050012, EVENT_VSM_LAUNCH_TYPE, VALUE)                              \
  EVENT(0x00050013, EVENT_OS_REVOCATION_LIST, RAW)                             \
  EVENT(0x00050014, EVENT_SMT_STATUS, VALUE)                                   \
  EVENT(0x00050020, EVENT_VSM_IDK_INFO, RAW)                                   \
  EVENT(0x00050021, EVENT_FLIGHTSIGNING, FLAG)                                 \
  EVENT(0x00050022, EVENT_PAGEFILE_ENCRYPTION_ENABLED, FLAG)                   \
  EVENT(0x00050023, EVENT_VSM_IDKS_INFO, RAW)                                  \
  EVENT(0x00050024, EVENT_HIBERNATION_DISABLED, FLAG)                          \
  EVENT(0x00050025, EVENT_DUMPS_DISABLED, FLAG)                                \
  EVENT(0x00050026, EVENT_DUMP_ENCRYPTION_ENABLED, FLAG)                       \
  EVENT(0x00050027, EVENT_DUMP_ENCRYPTION_KEY_DIGEST, RAW)                     \
  EVENT(0x00050028, EVENT_LSAISO_CONFIG, VALUE)                                \
  EVENT(0x00050029, EVENT_SBCP_INFO, RAW)                                      \
  EVENT(0x00050030, EVENT_HYPERVISOR_BOOT_DMA_PROTECTION, FLAG)                \
  EVENT(0x00060001, EVENT_NOAUTHORITY, FLAG)                                   \
  EVENT(0x00060002, EVENT_AUTHORITYPUBKEY, LIST)                               \
  EVENT(0x00070001, EVENT_FILEPATH, TEXT)                                      \
  EVENT(0x00070002, EVENT_IMAGESIZE, NUMBER)                                   \
  EVENT(0x00070003, EVENT_HASHALGORITHMID, NUMBER)                             \
  EVENT(0x00070004, EVENT_AUTHENTICODEHASH, RAW)                               \
  EVENT(0x00070005, EVENT_AUTHORITYISSUER, TEXT)                               \
  EVENT(0x00070006, EVENT_AUTHORITYSERIAL, RAW)                                \
  EVENT(0x00070007, EVENT_IMAGEBASE, NUMBER)                                   \
  EVENT(0x00070008, EVENT_AUTHORITYPUBLISHER, TEXT)                            \
  EVENT(0x00070009, EVENT_AUTHORITYSHA1THUMBPRINT, RAW)                        \
  EVENT(0x0007000a, EVENT_IMAGEVALIDATED, FLAG)                                \
  EVENT(0x0007000b, EVENT_MODULE_SVN, NUMBER)                                  \
  EVENT(0x0007000c, EVENT_MODULE_HSP, RAW)                                     \
  EVENT(0x00090001, EVENT_ELAM_KEYNAME, TEXT)                                  \
  EVENT(0x00090002, EVENT_ELAM_CONFIGURATION, RAW)                             \
  EVENT(0x00090003, EVENT_ELAM_POLICY, RAW)                                    \
  EVENT(0x00090004, EVENT_ELAM_MEASURED, RAW)                                  \
  EVENT(0x000a0001, EVENT_VBS_VSM_REQUIRED, FLAG)                              \
  EVENT(0x000a0002, EVENT_VBS_SECUREBOOT_REQUIRED, FLAG)                       \
  EVENT(0x000a0003, EVENT_VBS_IOMMU_REQUIRED, FLAG)                            \
  EVENT(0x000a0004, EVENT_VBS_MMIO_NX_REQUIRED, FLAG)                          \
  EVENT(0x000a0005, EVENT_VBS_MSR_FILTERING_REQUIRED, FLAG)                    \
  EVENT(0x000a0006, EVENT_VBS_MANDATORY_ENFORCEMENT, FLAG)                     \
  EVENT(0x000a0007, EVENT_VBS_HVCI_POLICY, NAMED)                              \
  EVENT(0x000a0008, EVENT_VBS_MICROSOFT_BOOT_CHAIN_REQUIRED, FLAG)             \
  EVENT(0x000a0009, EVENT_VBS_DUMP_USES_AMEROOT, FLAG)                         \
  EVENT(0x000a000a, EVENT_VBS_VSM_NOSECRETS_ENFORCED, FLAG)                    \
  EVENT(0x000b0001, EVENT_KSR_SIGNATURE, RAW)                                  \
  EVENT(0x000c0001, EVENT_DRTM_STATE_AUTH, RAW)                                \
  EVENT(0x000c0002, EVENT_DRTM_SMM, VALUE)                                     \
  EVENT(0x000c0003, EVENT_DRTM_AMD_SMM_HASH, RAW)                              \
  EVENT(0x000c0004, EVENT_DRTM_AMD_SMM_SIGNER_KEY, RAW)                        \
  EVENT(0x40010001, EVENT_TRUSTBOUNDARY, GROUP)                                \
  EVENT(0x40010002, EVENT_ELAM_AGGREGATION, GROUPS)                            \
  EVENT(0x40010003, EVENT_LOADEDMODULE_AGGREGATION, GROUPS)                    \
  EVENT(0x40010005, EVENT_KSR_AGGREGATION, GROUPS)                             \
  EVENT(0x40010006, EVENT_SIGNED_POLICY_MEASUREMENT_AGGREGATION, GROUPS)       \
  EVENT(0x80030002, EVENT_ERROR_TPMFAILURE, RAW)                               \
  EVENT(0x80080001, EVENT_QUOTE, RAW)                                          \
  EVENT(0x80080002, EVENT_QUOTESIGNATURE, RAW)                                 \
  EVENT(0x80080003, EVENT_AIKID, TEXT)                                         \
  EVENT(0x80080004, EVENT_AIKPUBDIGEST, RAW)                                   \
  EVENT(0xc0010004, EVENT_TRUSTPOINT_AGGREGATION, GROUPS)

typedef struct sipa_event {
  uint32_t number;
  const char *name; /* static */
  sipa_format format;
} sipa_event;

/* NULL for an unknown number. Static. */
const sipa_event *sipa_event_of(uint32_t number);
const sipa_event *sipa_event_named(slice name);

/* One tagged value; that of a group is tagged values again. */
typedef struct sipa_tagged {
  uint32_t number;
  bytes data;
} sipa_tagged;

/* Takes the first value off *rest; false, with *rest as it was, if none fits
 * into it. */
bool sipa_next(bytes *rest, sipa_tagged *result);

/* Whether data is tagged values of Windows from its beginning to its end, at
 * least one of them known. */
bool sipa_detect(bytes data);

/* The values of an event as the members of an object. A scalar that stands
 * several times with different values is an array of them, so that a policy
 * which wants one finds none; a value that has not its format is
 * {"RawData": ..}. Unknown numbers are in the array EVENT_UNKNOWN, as
 * {"Id", "RawData"}. False: data is not tagged values, or groups nest deeper
 * than LIMIT_EVENT_DEPTH. */
bool sipa_decode(arena *a, bytes data, value *result);

#endif
