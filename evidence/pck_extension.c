/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/pck_extension.h"

#include "evidence/der.h"

/* 1.2.840.113741.1.13.1 as the content of a DER OID. */
static const uint8_t base_oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf8,
                                   0x4d, 0x01, 0x0d, 0x01};

/* Last numbers of the OIDs under it. */
enum {
  ID_PPID = 1,
  ID_TCB = 2,
  ID_PCE_ID = 3,
  ID_FMSPC = 4,
  ID_SGX_TYPE = 5,
  TCB_PCE_SVN = 17,
  TCB_CPU_SVN = 18
};

enum { ALL_FIELDS = 0x3e, ALL_TCB_FIELDS = 0x7fffe };

/* The number behind base_oid and, inside the TCB, behind its own: 0 if the OID
 * is another. */
static unsigned oid_tail(bytes oid, bool in_tcb) {
  size_t length = sizeof base_oid + (in_tcb ? 1 : 0);
  if (oid.length != length + 1 ||
      memcmp(oid.data, base_oid, sizeof base_oid) != 0 ||
      (in_tcb && oid.data[length - 1] != ID_TCB))
    return 0;
  uint8_t tail = oid.data[length];
  return tail < 32 ? tail : 0;
}

static bool copy_exactly(uint8_t *to, size_t size, uint8_t tag, bytes content) {
  if (tag != DER_OCTET_STRING || content.length != size)
    return false;
  memcpy(to, content.data, size);
  return true;
}

static bool read_number(uint8_t tag, uint8_t wanted, bytes content,
                        uint64_t limit, uint64_t *number) {
  return tag == wanted && der_number(content, number) && *number <= limit;
}

static bool read_tcb_field(pck_extension *e, unsigned id, uint8_t tag,
                           bytes content) {
  uint64_t number = 0;
  if (id == TCB_CPU_SVN)
    return copy_exactly(e->cpu_svn, sizeof e->cpu_svn, tag, content);
  if (id == TCB_PCE_SVN) {
    bool good = read_number(tag, DER_INTEGER, content, UINT16_MAX, &number);
    e->pce_svn = (uint16_t)number;
    return good;
  }
  if (id < 1 || id > PCK_COMPONENTS)
    return true; /* a field of a later profile */
  bool good = read_number(tag, DER_INTEGER, content, UINT8_MAX, &number);
  e->components[id - 1] = (uint8_t)number;
  return good;
}

static bool read_tcb(pck_extension *e, uint8_t tag, bytes rest) {
  uint32_t seen = 0;
  if (tag != DER_SEQUENCE)
    return false;
  while (rest.length > 0) {
    bytes oid, content;
    uint8_t value_tag;
    if (!der_next_named(&rest, &oid, &value_tag, &content))
      return false;
    unsigned id = oid_tail(oid, true);
    if (!read_tcb_field(e, id, value_tag, content))
      return false;
    seen |= UINT32_C(1) << id;
  }
  return (seen & ALL_TCB_FIELDS) == ALL_TCB_FIELDS;
}

static bool read_field(pck_extension *e, unsigned id, uint8_t tag,
                       bytes content) {
  uint64_t number = 0;
  switch (id) {
  case ID_PPID:
    return copy_exactly(e->ppid, sizeof e->ppid, tag, content);
  case ID_TCB:
    return read_tcb(e, tag, content);
  case ID_PCE_ID:
    return copy_exactly(e->pce_id, sizeof e->pce_id, tag, content);
  case ID_FMSPC:
    return copy_exactly(e->fmspc, sizeof e->fmspc, tag, content);
  case ID_SGX_TYPE:
    if (!read_number(tag, DER_ENUMERATED, content, UINT8_MAX, &number))
      return false;
    e->sgx_type = (uint8_t)number;
    return true;
  default:
    return true; /* platform instance, configuration */
  }
}

bool pck_extension_read(bytes der, pck_extension *result) {
  uint8_t tag;
  bytes rest;
  uint32_t seen = 0;
  *result = (pck_extension){0};
  if (!der_next(&der, &tag, &rest) || tag != DER_SEQUENCE || der.length > 0)
    return false;
  while (rest.length > 0) {
    bytes oid, content;
    if (!der_next_named(&rest, &oid, &tag, &content))
      return false;
    unsigned id = oid_tail(oid, false);
    if (!read_field(result, id, tag, content))
      return false;
    seen |= UINT32_C(1) << id;
  }
  return (seen & ALL_FIELDS) == ALL_FIELDS;
}

/* SEQUENCE { OID, element }, where element is complete DER. tcb_id: 0 outside
 * of the TCB. */
static void add_entry(buffer *out, unsigned id, unsigned tcb_id,
                      buffer *element) {
  uint8_t oid[sizeof base_oid + 2];
  size_t length = sizeof base_oid;
  memcpy(oid, base_oid, sizeof base_oid);
  oid[length++] = (uint8_t)id;
  if (tcb_id)
    oid[length++] = (uint8_t)tcb_id;
  buffer entry = buffer_in(out->arena);
  der_add(&entry, DER_OID, (bytes){oid, length});
  buffer_add(&entry, buffer_slice(element));
  der_add(out, DER_SEQUENCE, bytes_from_slice(buffer_slice(&entry)));
}

static void add_octets(buffer *out, unsigned id, unsigned tcb_id,
                       const uint8_t *data, size_t size) {
  buffer element = buffer_in(out->arena);
  der_add(&element, DER_OCTET_STRING, (bytes){data, size});
  add_entry(out, id, tcb_id, &element);
}

static void add_number(buffer *out, unsigned id, unsigned tcb_id, uint8_t tag,
                       uint64_t number) {
  buffer element = buffer_in(out->arena);
  der_add_number(&element, tag, number);
  add_entry(out, id, tcb_id, &element);
}

static void add_tcb(buffer *out, const pck_extension *e) {
  buffer fields = buffer_in(out->arena), element = buffer_in(out->arena);
  for (unsigned i = 0; i < PCK_COMPONENTS; i++)
    add_number(&fields, ID_TCB, i + 1, DER_INTEGER, e->components[i]);
  add_number(&fields, ID_TCB, TCB_PCE_SVN, DER_INTEGER, e->pce_svn);
  add_octets(&fields, ID_TCB, TCB_CPU_SVN, e->cpu_svn, sizeof e->cpu_svn);
  der_add(&element, DER_SEQUENCE, bytes_from_slice(buffer_slice(&fields)));
  add_entry(out, ID_TCB, 0, &element);
}

void pck_extension_write(buffer *out, const pck_extension *e) {
  buffer fields = buffer_in(out->arena);
  add_octets(&fields, ID_PPID, 0, e->ppid, sizeof e->ppid);
  add_tcb(&fields, e);
  add_octets(&fields, ID_PCE_ID, 0, e->pce_id, sizeof e->pce_id);
  add_octets(&fields, ID_FMSPC, 0, e->fmspc, sizeof e->fmspc);
  add_number(&fields, ID_SGX_TYPE, 0, DER_ENUMERATED, e->sgx_type);
  der_add(out, DER_SEQUENCE, bytes_from_slice(buffer_slice(&fields)));
}
