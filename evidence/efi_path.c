/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/efi_path.h"

#include "evidence/event_text.h"
#include "evidence/fields.h"

/* Types of nodes, in the high byte, and their subtypes. */
enum {
  NODE_PCI = 0x0101,
  NODE_VENDOR_HARDWARE = 0x0104,
  NODE_ACPI = 0x0201,
  NODE_SCSI = 0x0302,
  NODE_USB = 0x0305,
  NODE_VENDOR_MESSAGING = 0x030a,
  NODE_MAC = 0x030b,
  NODE_IPV4 = 0x030c,
  NODE_IPV6 = 0x030d,
  NODE_SATA = 0x0312,
  NODE_NVME = 0x0317,
  NODE_URI = 0x0318,
  NODE_HARD_DRIVE = 0x0401,
  NODE_CD_ROM = 0x0402,
  NODE_VENDOR_MEDIA = 0x0403,
  NODE_FILE_PATH = 0x0404,
  NODE_FIRMWARE_FILE = 0x0406,
  NODE_FIRMWARE_VOLUME = 0x0407,
  NODE_OFFSETS = 0x0408,
  NODE_END_INSTANCE = 0x7f01,
  NODE_END = 0x7fff
};

enum { NODE_HEAD_BYTES = 4, EISA_PCI_ROOT = 0x0a0341d0 };

typedef struct node {
  unsigned kind;
  bytes data; /* behind the head */
} node;

static unsigned long long number_at(const node *n, size_t offset, size_t size) {
  return (unsigned long long)little_endian(
      (bytes){n->data.data + offset, size});
}

static void add_guid(buffer *out, const uint8_t *guid) {
  value text = event_guid(out->arena, guid);
  buffer_add(out, value_string(&text));
}

static void add_pci(buffer *out, const node *n) {
  buffer_printf(out, "Pci(0x%llx,0x%llx)", number_at(n, 1, 1),
                number_at(n, 0, 1));
}

static void add_acpi(buffer *out, const node *n) {
  unsigned long long hid = number_at(n, 0, 4), uid = number_at(n, 4, 4);
  if (hid == EISA_PCI_ROOT)
    buffer_printf(out, "PciRoot(0x%llx)", uid);
  else
    buffer_printf(out, "Acpi(0x%08llx,0x%llx)", hid, uid);
}

static void add_scsi(buffer *out, const node *n) {
  buffer_printf(out, "Scsi(0x%llx,0x%llx)", number_at(n, 0, 2),
                number_at(n, 2, 2));
}

static void add_usb(buffer *out, const node *n) {
  buffer_printf(out, "USB(0x%llx,0x%llx)", number_at(n, 0, 1),
                number_at(n, 1, 1));
}

static void add_mac(buffer *out, const node *n) {
  enum { ADDRESS_BYTES = 6, TYPE_AT = 32 };
  buffer_text(out, "MAC(");
  buffer_hex(out, (bytes){n->data.data, ADDRESS_BYTES});
  buffer_printf(out, ",0x%llx)", number_at(n, TYPE_AT, 1));
}

static void add_sata(buffer *out, const node *n) {
  buffer_printf(out, "Sata(0x%llx,0x%llx,0x%llx)", number_at(n, 0, 2),
                number_at(n, 2, 2), number_at(n, 4, 2));
}

static void add_nvme(buffer *out, const node *n) {
  buffer_printf(out, "NVMe(0x%llx", number_at(n, 0, 4));
  for (size_t i = 12; i-- > 4;)
    buffer_printf(out, "%c%02llX", i == 11 ? ',' : '-', number_at(n, i, 1));
  buffer_char(out, ')');
}

/* Partition, kind of table, signature, first block, blocks. */
static void add_hard_drive(buffer *out, const node *n) {
  enum { SIGNATURE_AT = 20, KIND_AT = 37, KIND_MBR = 1, KIND_GUID = 2 };
  unsigned long long kind = number_at(n, KIND_AT, 1);
  buffer_printf(out, "HD(%llu,", number_at(n, 0, 4));
  if (kind == KIND_GUID) {
    buffer_text(out, "GPT,");
    add_guid(out, n->data.data + SIGNATURE_AT);
  } else if (kind == KIND_MBR) {
    buffer_printf(out, "MBR,0x%08llx", number_at(n, SIGNATURE_AT, 4));
  } else {
    buffer_printf(out, "%llu,", kind);
    buffer_hex(out, (bytes){n->data.data + SIGNATURE_AT, GUID_BYTES});
  }
  buffer_printf(out, ",0x%llx,0x%llx)", number_at(n, 4, 8),
                number_at(n, 12, 8));
}

static void add_cd_rom(buffer *out, const node *n) {
  buffer_printf(out, "CDROM(0x%llx)", number_at(n, 0, 4));
}

static void add_named(buffer *out, const node *n, const char *name) {
  buffer_printf(out, "%s(", name);
  add_guid(out, n->data.data);
  if (n->data.length > GUID_BYTES) {
    buffer_char(out, ',');
    buffer_hex(out, (bytes){n->data.data + GUID_BYTES,
                            n->data.length - GUID_BYTES});
  }
  buffer_char(out, ')');
}

static void add_vendor_hardware(buffer *out, const node *n) {
  add_named(out, n, "VenHw");
}
static void add_vendor_messaging(buffer *out, const node *n) {
  add_named(out, n, "VenMsg");
}
static void add_vendor_media(buffer *out, const node *n) {
  add_named(out, n, "VenMedia");
}
static void add_firmware_file(buffer *out, const node *n) {
  add_named(out, n, "FvFile");
}
static void add_firmware_volume(buffer *out, const node *n) {
  add_named(out, n, "Fv");
}

static void add_unknown(buffer *out, const node *n) {
  buffer_printf(out, "Path(%u,%u,", n->kind >> 8, n->kind & 0xff);
  buffer_hex(out, n->data);
  buffer_char(out, ')');
}

static void add_file_path(buffer *out, const node *n) {
  slice text;
  if (event_utf16(out->arena, n->data, &text))
    buffer_add(out, text);
  else
    add_unknown(out, n);
}

static void add_uri(buffer *out, const node *n) {
  slice text;
  if (!event_utf8(out->arena, n->data, &text)) {
    add_unknown(out, n);
    return;
  }
  buffer_text(out, "Uri(");
  buffer_add(out, text);
  buffer_char(out, ')');
}

static void add_offsets(buffer *out, const node *n) {
  buffer_printf(out, "Offset(0x%llx,0x%llx)", number_at(n, 4, 8),
                number_at(n, 12, 8));
}

static void add_ipv4(buffer *out, const node *n) {
  enum { REMOTE_AT = 4 };
  buffer_printf(out, "IPv4(%llu.%llu.%llu.%llu)", number_at(n, REMOTE_AT, 1),
                number_at(n, REMOTE_AT + 1, 1), number_at(n, REMOTE_AT + 2, 1),
                number_at(n, REMOTE_AT + 3, 1));
}

static void add_ipv6(buffer *out, const node *n) {
  enum { REMOTE_AT = 16, ADDRESS_BYTES = 16 };
  buffer_text(out, "IPv6(");
  for (size_t i = 0; i < ADDRESS_BYTES; i++)
    buffer_printf(out, i > 0 && i % 2 == 0 ? ":%02llx" : "%02llx",
                  number_at(n, REMOTE_AT + i, 1));
  buffer_char(out, ')');
}

static const struct {
  unsigned kind;
  size_t least; /* bytes behind the head that the text needs */
  void (*add)(buffer *out, const node *n);
} writers[] = {
    {NODE_PCI, 2, add_pci},
    {NODE_VENDOR_HARDWARE, 16, add_vendor_hardware},
    {NODE_ACPI, 8, add_acpi},
    {NODE_SCSI, 4, add_scsi},
    {NODE_USB, 2, add_usb},
    {NODE_VENDOR_MESSAGING, 16, add_vendor_messaging},
    {NODE_MAC, 33, add_mac},
    {NODE_IPV4, 8, add_ipv4},
    {NODE_IPV6, 32, add_ipv6},
    {NODE_SATA, 6, add_sata},
    {NODE_NVME, 12, add_nvme},
    {NODE_URI, 0, add_uri},
    {NODE_HARD_DRIVE, 38, add_hard_drive},
    {NODE_CD_ROM, 4, add_cd_rom},
    {NODE_VENDOR_MEDIA, 16, add_vendor_media},
    {NODE_FILE_PATH, 0, add_file_path},
    {NODE_FIRMWARE_FILE, 16, add_firmware_file},
    {NODE_FIRMWARE_VOLUME, 16, add_firmware_volume},
    {NODE_OFFSETS, 20, add_offsets},
};

static void add_node(buffer *out, const node *n) {
  for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
    if (writers[i].kind == n->kind && n->data.length >= writers[i].least) {
      writers[i].add(out, n);
      return;
    }
  add_unknown(out, n);
}

static bool next_node(bytes *rest, node *n) {
  if (rest->length < NODE_HEAD_BYTES)
    return false;
  size_t length = (size_t)little_endian((bytes){rest->data + 2, 2});
  if (length < NODE_HEAD_BYTES || length > rest->length)
    return false;
  n->kind = (unsigned)rest->data[0] << 8 | rest->data[1];
  n->data = (bytes){rest->data + NODE_HEAD_BYTES, length - NODE_HEAD_BYTES};
  rest->data += length;
  rest->length -= length;
  return true;
}

bool efi_path_text(arena *a, bytes path, slice *result) {
  buffer text = buffer_in(a);
  bool starts = true;
  node n;
  while (next_node(&path, &n)) {
    if (n.kind == NODE_END) {
      *result = buffer_slice(&text);
      return path.length == 0;
    }
    if (n.kind == NODE_END_INSTANCE) {
      buffer_char(&text, ',');
      starts = true;
      continue;
    }
    if (!starts)
      buffer_char(&text, '/');
    starts = false;
    add_node(&text, &n);
  }
  return false;
}
