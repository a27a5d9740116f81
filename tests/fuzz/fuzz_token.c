/* An access token. The first byte says how it comes about: as it is, or made of a header (the first line) and claims
 * (the rest), signed with our key, with our public key as a secret, or not at all. */
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/identity/token.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/forge.h"

#include <string.h>

enum { AS_IT_IS, SIGNED, SIGNED_WITH_PUBLIC_KEY, UNSIGNED, WAYS };

static struct signing_key key;

static void key_drop(void)
{
    signing_key_release(&key);
}

static void prepare(void)
{
    if (key.public_pem)
        return;
    PROMISE(signing_key_generate(&key));
    atexit(key_drop);
    clock_set(1800000000);
}

static char *token_of(int way, char *text)
{
    char *claims = strchr(text, '\n');
    if (way == AS_IT_IS || !claims)
        return strdup(text);
    *claims++ = '\0';
    if (way == SIGNED)
        return forge_es256(key.private_pem, text, claims);
    if (way == SIGNED_WITH_PUBLIC_KEY)
        return forge_hs256(key.public_pem, text, claims);
    return forge_unsigned(text, claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    prepare();
    char *text = strndup((const char *)bytes + 1, size - 1), key_id[KEY_ID_SIZE], id[33];
    char *token = token_of(bytes[0] % WAYS, text);
    struct principal who;
    bool has_header = token_key_id(token, key_id);
    if (token_check(token, key.public_pem, "mnemos", "mnemos", &who)) {
        PROMISE(has_header && bytes[0] % WAYS == SIGNED);
        PROMISE(role_name(who.role) && who.role != ANONYMOUS && who.expires > clock_now());
        PROMISE(text_uuid(who.account_id, id) && text_uuid(who.session_id, id));
    }
    free(token);
    free(text);
    return 0;
}
