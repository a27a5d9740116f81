/* Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, six digits, steps of 30 seconds. */
#pragma once

#include "common/base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum {
    TOTP_STEP_SECONDS = 30,
    TOTP_DIGITS = 6,
    TOTP_WINDOW = 1,       /* steps either side: clocks differ, and people type slowly */
    TOTP_SECRET_SIZE = 20, /* as RFC 4226 recommends */
    TOTP_SECRET_TEXT = 33, /* in base32 */
};

void totp_secret_new(char out[TOTP_SECRET_TEXT]);

/* True if the code is that of a time step within the window: out is that step, to be remembered as used. */
bool totp_verify(const char *secret, const char *code, time_t now, int64_t *out);

/* The text that apps read from a QR code; they show issuer and name. */
const char *totp_uri(struct arena *arena, const char *issuer, const char *name, const char *secret);
