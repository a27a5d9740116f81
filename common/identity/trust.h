/* Decides which access tokens to believe.
 *
 * A token (token.h) is signed by a key that the auth service publishes. Keys and ended sessions are read from its views
 * and kept up to date by notifications, so a logout is known everywhere at once. Checking a signature costs a hundred
 * times a look-up, so a verified token is remembered, by keyed hash and in bounded space, until it expires or the keys
 * change; the end of its session is checked each time. */
#pragma once

#include "common/identity/principal.h"

#include <stdbool.h>

struct trust;

/* Starts loading in the background; ready once there is a key to check with. */
struct trust *trust_start(const char *database_url, const char *application, const char *issuer, const char *audience);
void trust_stop(struct trust *t);
bool trust_ready(struct trust *t);

/* False for anything but a current token of the auth service. */
bool trust_verify(struct trust *t, const char *token, struct principal *out);
