#include "common/base/text.h"

#include "common/base/date.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Size of the sequence at s, 0 when it is ill-formed. Ranges of the second byte: Unicode 15, table 3-7. */
static size_t sequence_size(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    size_t size = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || size > left)
        return 0;
    unsigned char low = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

long text_length(const char *text, size_t size)
{
    long count = 0;
    for (size_t at = 0; at < size; count++) {
        size_t step = sequence_size((const unsigned char *)text + at, size - at);
        if (step == 0)
            return -1;
        at += step;
    }
    return count;
}

bool text_has_control(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < size; i++)
        if (s[i] < 0x20 || s[i] == 0x7F || (s[i] == 0xC2 && i + 1 < size && s[i + 1] < 0xA0))
            return true;
    return false;
}

void text_mend(char *text)
{
    if (text_length(text, strlen(text)) >= 0)
        return;
    for (char *c = text; *c; c++)
        if (*c & 0x80)
            *c = '?';
}

bool text_is_name(const char *text)
{
    size_t size = strlen(text);
    long length = text_length(text, size);
    return length >= 1 && length <= NAME_LENGTH_MAX && !text_has_control(text, size);
}

bool text_integer(const char *text, int64_t *out)
{
    const char *digits = text + (*text == '-');
    if (*digits < '0' || *digits > '9')
        return false;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (*end != '\0' || errno == ERANGE)
        return false;
    *out = value;
    return true;
}

bool text_real(const char *text, double *out)
{
    /* strtod also takes white space, hexadecimal, "inf" and "nan"; a decimal number holds none of their letters. */
    if (text[0] == '\0' || text[strspn(text, "0123456789.eE+-")] != '\0')
        return false;
    char *end;
    double value = strtod(text, &end);
    if (*end != '\0' || end == text || !isfinite(value))
        return false;
    *out = value;
    return true;
}

void text_from_real(double value, char out[TEXT_REAL_SIZE])
{
    value += 0.0; /* readers of JSON take -0 for the whole number 0: the zero of both signs is written "0" */
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, TEXT_REAL_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            return;
    }
}

bool text_uuid(const char *text, char out[33])
{
    size_t size = strnlen(text, 37);
    if (size != 32 && size != 36)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (size == 36 && (i == 8 || i == 13 || i == 18 || i == 23)) {
            if (text[i] != '-')
                return false;
            continue;
        }
        char c = text[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return true;
}

void text_new_uuid(char out[33])
{
    unsigned char bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    sodium_bin2hex(out, 33, bytes, sizeof bytes);
}

static bool two_digits(const char *s, int *out)
{
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
        return false;
    *out = (s[0] - '0') * 10 + (s[1] - '0');
    return true;
}

/* Two digits up to max, and the separator before them. */
static bool clock_part(const char *s, char separator, int max)
{
    int value;
    return s[0] == separator && two_digits(s + 1, &value) && value <= max;
}

static bool zone(const char *s)
{
    if (*s == 'Z' || *s == 'z')
        return s[1] == '\0';
    if (!clock_part(s, *s == '-' ? '-' : '+', 14) || !clock_part(s + 3, ':', 59))
        return false;
    return s[6] == '\0';
}

bool text_time(const char *text)
{
    char day_text[11];
    struct date day;
    snprintf(day_text, sizeof day_text, "%s", text);
    if (!date_parse(day_text, &day))
        return false;
    const char *s = text + 10;
    if (!clock_part(s, *s == 't' ? 't' : 'T', 23) || !clock_part(s + 3, ':', 59) || !clock_part(s + 6, ':', 60))
        return false;
    s += 9;
    if (*s == '.') {
        size_t digits = strspn(s + 1, "0123456789");
        if (digits < 1 || digits > 9)
            return false;
        s += 1 + digits;
    }
    return zone(s);
}

int text_position(const char *const *list, const char *word)
{
    for (int i = 0; list[i]; i++)
        if (strcmp(list[i], word) == 0)
            return i;
    return -1;
}
