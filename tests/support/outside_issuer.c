#include "tests/support/outside_issuer.h"

#include "tests/support/forge.h"

#include <microhttpd.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 512, NUMBER_TEXT = 700 };

struct outside_issuer {
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock;
    pthread_cond_t released;
    int status, asked;
    char *header, *body;
    char *private_key, *certificate; /* of TLS */
    bool hold;
};

struct outside_key outside_key_new(const char *id, const char *algorithm)
{
    EVP_PKEY *pair =
        algorithm[0] == 'E' ? EVP_EC_gen(strcmp(algorithm, "ES384") == 0 ? "P-384" : "P-256") : EVP_RSA_gen(2048);
    if (!pair)
        abort();
    return (struct outside_key){id, algorithm, pair};
}

void outside_key_drop(struct outside_key *k)
{
    EVP_PKEY_free(k->pair);
    k->pair = NULL;
}

/* size 0: as short as can be. */
static void set_number(json_t *jwk, const char *member, EVP_PKEY *pair, const char *name, size_t size)
{
    BIGNUM *number = NULL;
    unsigned char bytes[NUMBER_MAX];
    char text[NUMBER_TEXT];
    if (EVP_PKEY_get_bn_param(pair, name, &number) != 1)
        abort();
    size = size ? size : (size_t)BN_num_bytes(number);
    BN_bn2binpad(number, bytes, (int)size);
    BN_free(number);
    sodium_bin2base64(text, sizeof text, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    json_object_set_new(jwk, member, json_string(text));
}

json_t *outside_key_jwk(const struct outside_key *k)
{
    json_t *jwk = json_pack("{s:s, s:s, s:s}", "kid", k->id, "alg", k->algorithm, "use", "sig");
    if (EVP_PKEY_is_a(k->pair, "EC")) {
        size_t size = (size_t)EVP_PKEY_get_bits(k->pair) / 8;
        json_object_set_new(jwk, "kty", json_string("EC"));
        json_object_set_new(jwk, "crv", json_string(size == 48 ? "P-384" : "P-256"));
        set_number(jwk, "x", k->pair, OSSL_PKEY_PARAM_EC_PUB_X, size);
        set_number(jwk, "y", k->pair, OSSL_PKEY_PARAM_EC_PUB_Y, size);
    } else {
        json_object_set_new(jwk, "kty", json_string("RSA"));
        set_number(jwk, "n", k->pair, OSSL_PKEY_PARAM_RSA_N, 0);
        set_number(jwk, "e", k->pair, OSSL_PKEY_PARAM_RSA_E, 0);
    }
    return jwk;
}

char *outside_key_set(const struct outside_key *keys)
{
    json_auto_t *set = json_pack("{s:[]}", "keys");
    for (; keys->id; keys++)
        json_array_append_new(json_object_get(set, "keys"), outside_key_jwk(keys));
    return json_dumps(set, JSON_COMPACT);
}

char *outside_key_sign(const struct outside_key *k, json_t *claims)
{
    json_auto_t *header = json_pack("{s:s, s:s, s:s}", "alg", k->algorithm, "kid", k->id, "typ", "JWT");
    char *head = json_dumps(header, JSON_COMPACT), *body = json_dumps(claims, JSON_COMPACT);
    char *token = forge_signed(k->pair, k->algorithm, head, body);
    free(head);
    free(body);
    return token;
}

static struct MHD_Response *response_of(const struct outside_issuer *issuer)
{
    char name[100];
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(issuer->body), issuer->body, MHD_RESPMEM_MUST_COPY);
    const char *colon = issuer->header ? strchr(issuer->header, ':') : NULL;
    if (colon) {
        snprintf(name, sizeof name, "%.*s", (int)(colon - issuer->header), issuer->header);
        MHD_add_response_header(response, name, colon + 2);
    }
    return response;
}

static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **state)
{
    (void)url, (void)method, (void)version, (void)data, (void)size, (void)state;
    struct outside_issuer *issuer = arg;
    pthread_mutex_lock(&issuer->lock);
    issuer->asked++;
    while (issuer->hold)
        pthread_cond_wait(&issuer->released, &issuer->lock);
    struct MHD_Response *response = response_of(issuer);
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned)issuer->status, response);
    pthread_mutex_unlock(&issuer->lock);
    MHD_destroy_response(response);
    return queued;
}

static struct outside_issuer *issuer_new(void)
{
    struct outside_issuer *issuer = calloc(1, sizeof *issuer);
    pthread_mutex_init(&issuer->lock, NULL);
    pthread_cond_init(&issuer->released, NULL);
    outside_issuer_answer(issuer, 404, NULL, "");
    return issuer;
}

enum { SERVING = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION };

struct outside_issuer *outside_issuer_start(void)
{
    struct outside_issuer *issuer = issuer_new();
    issuer->daemon = MHD_start_daemon(SERVING, 0, NULL, NULL, answer, issuer, MHD_OPTION_END);
    if (!issuer->daemon)
        abort();
    return issuer;
}

static char *bio_text(BIO *bio)
{
    char *bytes;
    long size = BIO_get_mem_data(bio, &bytes);
    char *text = strndup(bytes, (size_t)size);
    BIO_free(bio);
    return text;
}

/* A certificate for 127.0.0.1 that its own key has signed. */
static char *self_signed(EVP_PKEY *pair)
{
    X509 *x = X509_new();
    X509V3_CTX context;
    BIO *bio = BIO_new(BIO_s_mem());
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, pair);
    X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(x, names, -1);
    if (!X509_sign(x, pair, EVP_sha256()))
        abort();
    PEM_write_bio_X509(bio, x);
    X509_EXTENSION_free(names);
    X509_free(x);
    return bio_text(bio);
}

struct outside_issuer *outside_issuer_start_tls(void)
{
    struct outside_issuer *issuer = issuer_new();
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL);
    issuer->private_key = bio_text(bio);
    issuer->certificate = self_signed(pair);
    EVP_PKEY_free(pair);
    issuer->daemon =
        MHD_start_daemon(SERVING | MHD_USE_TLS, 0, NULL, NULL, answer, issuer, MHD_OPTION_HTTPS_MEM_KEY,
                         issuer->private_key, MHD_OPTION_HTTPS_MEM_CERT, issuer->certificate, MHD_OPTION_END);
    if (!issuer->daemon)
        abort();
    return issuer;
}

void outside_issuer_stop(struct outside_issuer *issuer)
{
    outside_issuer_hold(issuer, false);
    MHD_stop_daemon(issuer->daemon);
    pthread_cond_destroy(&issuer->released);
    pthread_mutex_destroy(&issuer->lock);
    free(issuer->header);
    free(issuer->body);
    free(issuer->private_key);
    free(issuer->certificate);
    free(issuer);
}

int outside_issuer_port(const struct outside_issuer *issuer)
{
    return MHD_get_daemon_info(issuer->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void outside_issuer_answer(struct outside_issuer *issuer, int status, const char *header, const char *body)
{
    pthread_mutex_lock(&issuer->lock);
    free(issuer->header);
    free(issuer->body);
    issuer->status = status;
    issuer->header = header ? strdup(header) : NULL;
    issuer->body = strdup(body);
    pthread_mutex_unlock(&issuer->lock);
}

void outside_issuer_hold(struct outside_issuer *issuer, bool hold)
{
    pthread_mutex_lock(&issuer->lock);
    issuer->hold = hold;
    pthread_cond_broadcast(&issuer->released);
    pthread_mutex_unlock(&issuer->lock);
}

int outside_issuer_asked(struct outside_issuer *issuer)
{
    pthread_mutex_lock(&issuer->lock);
    int asked = issuer->asked;
    pthread_mutex_unlock(&issuer->lock);
    return asked;
}
