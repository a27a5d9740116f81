#include "services/auth/session/totp.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void totp_secret_new(char out[TOTP_SECRET_TEXT])
{
    unsigned char secret[TOTP_SECRET_SIZE];
    char *text;
    size_t size;
    randombytes_buf(secret, sizeof secret);
    if (oath_base32_encode((const char *)secret, sizeof secret, &text, &size) != OATH_OK || size >= TOTP_SECRET_TEXT)
        abort(); /* no memory */
    memcpy(out, text, size + 1);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(text, size);
    free(text);
}

bool totp_verify(const char *secret, const char *code, time_t now, int64_t *out)
{
    char *bytes;
    size_t size;
    uint64_t step;
    if (strlen(code) != TOTP_DIGITS || strspn(code, "0123456789") != TOTP_DIGITS)
        return false;
    if (oath_base32_decode(secret, strlen(secret), &bytes, &size) != OATH_OK)
        return false;
    int found = oath_totp_validate4(bytes, size, now, TOTP_STEP_SECONDS, OATH_TOTP_DEFAULT_START_TIME, TOTP_WINDOW,
                                    NULL, &step, 0, code);
    sodium_memzero(bytes, size);
    free(bytes);
    if (found < 0)
        return false;
    *out = (int64_t)step;
    return true;
}

/* RFC 3986: everything but the unreserved characters. */
static const char *percent_encoded(struct arena *arena, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *encoded = arena_alloc(arena, 3 * strlen(text) + 1), *end = encoded;
    for (const char *c = text; *c; c++)
        end += sprintf(end, strchr(plain, *c) ? "%c" : "%%%02X", (unsigned char)*c);
    return encoded;
}

const char *totp_uri(struct arena *arena, const char *issuer, const char *name, const char *secret)
{
    const char *by = percent_encoded(arena, issuer);
    return arena_printf(arena, "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d", by,
                        percent_encoded(arena, name), secret, by, TOTP_DIGITS, TOTP_STEP_SECONDS);
}
