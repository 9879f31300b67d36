/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers from and to text: correctly rounded, the same in every locale.
 * strtod and printf follow the locale of the program that uses the library,
 * which another thread may change meanwhile. */
#include <math.h>
#include <stdio.h>

#include "base/value.h"

/* More digits than any tie between two doubles has (767), so that what is cut
 * off can only break one. */
enum { DIGITS_MAX = 800 };

/* digits * 10^exponent, and a little more if digits were cut off. */
typedef struct decimal {
  bool is_negative;
  bool is_cut;
  uint32_t count; /* without zeros at either end; 0 for zero */
  int64_t exponent;
  uint8_t digits[DIGITS_MAX];
} decimal;

/* --- exact conversion ----------------------------------------------------- */

enum { LIMBS_MAX = 128 };

typedef struct big {
  uint32_t count;
  uint32_t limbs[LIMBS_MAX]; /* the least first; the last is not 0 */
} big;

static void big_multiply_add(big *b, uint32_t factor, uint32_t carry) {
  uint64_t sum = carry;
  for (uint32_t i = 0; i < b->count; i++) {
    sum += (uint64_t)b->limbs[i] * factor;
    b->limbs[i] = (uint32_t)sum;
    sum >>= 32;
  }
  if (sum)
    b->limbs[b->count++] = (uint32_t)sum;
}

/* Divides in place; true if there is a remainder. */
static bool big_divide(big *b, uint32_t divisor) {
  uint64_t rest = 0;
  for (uint32_t i = b->count; i-- > 0;) {
    rest = rest << 32 | b->limbs[i];
    b->limbs[i] = (uint32_t)(rest / divisor);
    rest %= divisor;
  }
  while (b->count && b->limbs[b->count - 1] == 0)
    b->count--;
  return rest != 0;
}

static int big_bits(const big *b) {
  if (!b->count)
    return 0;
  return (int)b->count * 32 - __builtin_clz(b->limbs[b->count - 1]);
}

static void big_shift_left(big *b, uint32_t bits) {
  for (; bits >= 31; bits -= 31)
    big_multiply_add(b, (uint32_t)1 << 31, 0);
  big_multiply_add(b, (uint32_t)1 << bits, 0);
}

static bool big_bit(const big *b, int at) {
  return at >= 0 && (b->limbs[at / 32] >> (at % 32) & 1);
}

/* One of the bits below `end` is set. */
static bool big_any_below(const big *b, int end) {
  for (int i = 0; i < end; i++)
    if (big_bit(b, i))
      return true;
  return false;
}

/* Bits [begin, end), at most 64. */
static uint64_t big_slice(const big *b, int begin, int end) {
  uint64_t result = 0;
  for (int i = end; i-- > begin;)
    result = result << 1 | big_bit(b, i);
  return result;
}

/* b * 2^-shift to the nearest double, ties to even; is_more: the true value is
 * a little larger. Infinity if it is beyond the range. */
static double round_big(const big *b, int shift, bool is_more) {
  enum { PRECISION = 53, EXPONENT_MIN = -1022, EXPONENT_MAX = 1023 };
  int bits = big_bits(b), exponent = bits - 1 - shift, keep = PRECISION;
  if (exponent > EXPONENT_MAX)
    return HUGE_VAL;
  if (exponent < EXPONENT_MIN)
    keep -= EXPONENT_MIN - exponent; /* subnormal */
  if (keep < 0)
    return 0;
  int drop = bits - keep;
  uint64_t mantissa = big_slice(b, drop, bits);
  bool half = big_bit(b, drop - 1);
  if (half && ((mantissa & 1) || is_more || big_any_below(b, drop - 1)))
    mantissa++;
  /* Rounding up to the next power of two carries into the exponent by itself,
   * as the hidden bit is added, not set. */
  uint64_t image = mantissa;
  if (exponent >= EXPONENT_MIN)
    image += (uint64_t)(exponent - EXPONENT_MIN) << (PRECISION - 1);
  double result;
  memcpy(&result, &image, sizeof result);
  return result;
}

static double round_exactly(const decimal *d) {
  enum { QUOTIENT_BITS = 66 };
  const uint32_t billion = 1000000000;
  big b = {.count = 0};
  for (uint32_t i = 0; i < d->count; i++)
    big_multiply_add(&b, 10, d->digits[i]);
  int64_t power = d->exponent;
  for (; power > 0; power--)
    big_multiply_add(&b, 10, 0);
  /* 10^-power has at most -power * 10/3 + 1 bits. */
  int shift = QUOTIENT_BITS + (int)(-power * 10 / 3) + 1 - big_bits(&b);
  if (power == 0 || shift < 0)
    shift = 0;
  big_shift_left(&b, (uint32_t)shift);
  bool is_more = d->is_cut;
  for (; power <= -9; power += 9)
    is_more |= big_divide(&b, billion);
  for (; power < 0; power++)
    is_more |= big_divide(&b, 10);
  return round_big(&b, shift, is_more);
}

static uint64_t small_digits(const decimal *d) {
  uint64_t result = 0;
  for (uint32_t i = 0; i < d->count; i++)
    result = result * 10 + d->digits[i];
  return result;
}

/* The nearest double without its sign; infinity beyond the range. */
static double decimal_round(const decimal *d) {
  static const double powers[] = {
      1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (d->count == 0 || d->count + d->exponent < -330)
    return 0;
  if (d->count + d->exponent > 310)
    return HUGE_VAL;
  /* Both are exact doubles, so one operation rounds once (Clinger). */
  if (d->count <= 15 && d->exponent >= -22 && d->exponent <= 22) {
    double digits = (double)small_digits(d);
    return d->exponent < 0 ? digits / powers[-d->exponent]
                           : digits * powers[d->exponent];
  }
  return round_exactly(d);
}

/* --- reading -------------------------------------------------------------- */

typedef struct cursor {
  const char *next, *end;
} cursor;

static inline bool at_digit(const cursor *c) {
  return c->next < c->end && (unsigned char)(*c->next - '0') < 10;
}

static inline bool take(cursor *c, char expected) {
  if (c->next == c->end || *c->next != expected)
    return false;
  c->next++;
  return true;
}

/* Appends digits; each of a fraction is worth a tenth of the one before. */
static void take_digits(cursor *c, decimal *d, bool is_fraction) {
  for (; at_digit(c); c->next++) {
    uint8_t digit = (uint8_t)(*c->next - '0');
    bool is_leading_zero = d->count == 0 && digit == 0;
    if (is_leading_zero || d->count < DIGITS_MAX) {
      if (!is_leading_zero)
        d->digits[d->count++] = digit;
      d->exponent -= is_fraction;
    } else {
      d->is_cut |= digit != 0;
      d->exponent += !is_fraction;
    }
  }
}

static bool take_exponent(cursor *c, decimal *d) {
  const int64_t enough = 1000000000; /* more than any text has digits */
  bool is_negative = take(c, '-');
  if (!is_negative)
    take(c, '+');
  if (!at_digit(c))
    return false;
  int64_t exponent = 0;
  for (; at_digit(c); c->next++)
    if (exponent < enough)
      exponent = exponent * 10 + (*c->next - '0');
  d->exponent += is_negative ? -exponent : exponent;
  return true;
}

/* number = [ "-" ] int [ frac ] [ exp ] */
static bool parse_decimal(slice text, decimal *d) {
  cursor c = {text.data, text.data + text.length};
  *d = (decimal){.is_negative = take(&c, '-')};
  if (!at_digit(&c))
    return false;
  if (!take(&c, '0'))
    take_digits(&c, d, false);
  if (take(&c, '.')) {
    if (!at_digit(&c))
      return false;
    take_digits(&c, d, true);
  }
  if (take(&c, 'e') || take(&c, 'E'))
    if (!take_exponent(&c, d))
      return false;
  while (d->count && !d->is_cut && d->digits[d->count - 1] == 0) {
    d->count--;
    d->exponent++;
  }
  return c.next == c.end;
}

/* True if it is an integer of 64 bits. */
static bool decimal_integer(const decimal *d, int64_t *integer) {
  if (d->count == 0) {
    *integer = 0;
    return true;
  }
  if (d->is_cut || d->exponent < 0 || d->count + d->exponent > 19)
    return false;
  uint64_t magnitude = small_digits(d);
  for (int64_t i = 0; i < d->exponent; i++)
    magnitude *= 10; /* below 10^19, hence below 2^64 */
  if (magnitude > (uint64_t)INT64_MAX + d->is_negative)
    return false;
  *integer = (int64_t)(d->is_negative ? 0 - magnitude : magnitude);
  return true;
}

json_number_status json_read_number(slice text, value *result) {
  decimal d;
  if (!parse_decimal(text, &d))
    return JSON_NUMBER_SYNTAX;
  int64_t integer;
  if (decimal_integer(&d, &integer)) {
    *result = value_integer(integer);
    return JSON_NUMBER_OK;
  }
  double number = decimal_round(&d);
  if (!isfinite(number))
    return JSON_NUMBER_RANGE;
  *result = value_real(d.is_negative && number > 0 ? -number : number);
  result->is_rounded = d.exponent >= 0;
  return JSON_NUMBER_OK;
}

/* --- writing -------------------------------------------------------------- */

void json_write_integer(buffer *out, int64_t integer) {
  char text[24], *p = text + sizeof text;
  uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
  do
    *--p = (char)('0' + rest % 10);
  while (rest /= 10);
  if (integer < 0)
    *--p = '-';
  buffer_add(out, slice_between(p, text + sizeof text));
}

/* The digits that printf finds; its decimal point is the locale's and is
 * passed over. */
static void round_to_digits(double number, int digits, decimal *d) {
  char text[64];
  snprintf(text, sizeof text, "%.*e", digits - 1, number);
  const char *p = text;
  d->count = 0;
  for (; *p && *p != 'e'; p++)
    if (*p >= '0' && *p <= '9')
      d->digits[d->count++] = (uint8_t)(*p - '0');
  cursor c = {p + 1, p + strlen(p)};
  d->exponent = 1 - digits;
  take_exponent(&c, d);
  while (d->count && d->digits[d->count - 1] == 0) {
    d->count--;
    d->exponent++;
  }
}

static void write_digits(buffer *out, const decimal *d, uint32_t begin,
                         uint32_t end) {
  for (uint32_t i = begin; i < end; i++)
    buffer_char(out, (char)('0' + d->digits[i]));
}

static void write_zeros(buffer *out, int64_t count) {
  while (count-- > 0)
    buffer_char(out, '0');
}

/* ECMA-262, Number::toString; point: digits before the decimal point. */
static void lay_out(buffer *out, const decimal *d) {
  int64_t point = d->count + d->exponent;
  if (point > 21 || point <= -6) {
    write_digits(out, d, 0, 1);
    if (d->count > 1)
      buffer_char(out, '.');
    write_digits(out, d, 1, d->count);
    buffer_text(out, point > 0 ? "e+" : "e-");
    json_write_integer(out, point > 0 ? point - 1 : 1 - point);
  } else if (point <= 0) {
    buffer_text(out, "0.");
    write_zeros(out, -point);
    write_digits(out, d, 0, d->count);
  } else if (d->exponent >= 0) {
    write_digits(out, d, 0, d->count);
    write_zeros(out, d->exponent);
  } else {
    write_digits(out, d, 0, (uint32_t)point);
    buffer_char(out, '.');
    write_digits(out, d, (uint32_t)point, d->count);
  }
}

void json_write_number(buffer *out, double number) {
  if (!isfinite(number)) {
    buffer_text(out, "null");
    return;
  }
  const double exact = 9007199254740992; /* 2^53 */
  if (number > -exact && number < exact && (double)(int64_t)number == number) {
    json_write_integer(out, (int64_t)number);
    return;
  }
  if (number < 0)
    buffer_char(out, '-');
  double magnitude = number < 0 ? -number : number;
  decimal d = {.is_negative = false};
  /* 17 digits always read back. What 15 digits tell apart is at its shortest
   * with the zeros off; a subnormal number has fewer. */
  int digits = magnitude < 0x1p-1022 ? 1 : 15;
  for (; digits <= 17; digits++) {
    round_to_digits(magnitude, digits, &d);
    if (decimal_round(&d) == magnitude)
      break;
  }
  lay_out(out, &d);
}
