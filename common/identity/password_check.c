#include "common/identity/password.h"

#include "common/base/status.h"

#include <pthread.h>
#include <pwquality.h>
#include <stdlib.h>

enum { NAME_PART = 5 /* so many letters of the name in a row give it away */ };

/* No member of the library's own configuration file, which the administrators of a machine write for its users. */
static const struct {
    int setting, value;
} policy[] = {
    {PWQ_SETTING_MIN_LENGTH, PASSWORD_MIN},
    {PWQ_SETTING_DICT_CHECK, 1},
    {PWQ_SETTING_USER_CHECK, 1},
    {PWQ_SETTING_USER_SUBSTR, NAME_PART},
    {PWQ_SETTING_DIG_CREDIT, 0},
    {PWQ_SETTING_UP_CREDIT, 0},
    {PWQ_SETTING_LOW_CREDIT, 0},
    {PWQ_SETTING_OTH_CREDIT, 0},
    {PWQ_SETTING_MIN_CLASS, 0},
    {PWQ_SETTING_MAX_REPEAT, 0},
    {PWQ_SETTING_MAX_CLASS_REPEAT, 0},
    {PWQ_SETTING_MAX_SEQUENCE, 0},
};

/* The library's sentences say what is wrong; these say what to do. */
static const struct {
    int error;
    const char *sentence;
} refusals[] = {
    {PWQ_ERROR_MIN_LENGTH, "is too short; several words that do not belong together are good"},
    {PWQ_ERROR_PALINDROME, "reads the same backwards; take several words that do not belong together"},
    {PWQ_ERROR_USER_CHECK, "holds a part of the name; take words that have nothing to do with it"},
    {PWQ_ERROR_CRACKLIB_CHECK,
     "is a common word or a pattern that is guessed early; take several words that do not belong together"},
};

/* cracklib keeps words in static memory. */
static int score_of(const char *password, const char *name)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    void *detail = NULL; /* points to static text for the errors that the policy allows for */
    pwquality_settings_t *settings = pwquality_default_settings();
    if (!settings)
        abort();
    for (size_t i = 0; i < COUNT(policy); i++)
        pwquality_set_int_value(settings, policy[i].setting, policy[i].value);
    pthread_mutex_lock(&one_at_a_time);
    int score = pwquality_check(settings, password, NULL, name, &detail);
    pthread_mutex_unlock(&one_at_a_time);
    pwquality_free_settings(settings);
    return score;
}

static enum status refuse(struct problem *why, const char *member, const char *sentence)
{
    return member ? fail(why, INVALID, member, "%s", sentence) : fail(why, INVALID, NULL, "The password %s.", sentence);
}

enum status password_check(const char *password, const char *name, const char *member, struct problem *why)
{
    int score = score_of(password, name);
    if (score >= 0)
        return OK;
    for (size_t i = 0; i < COUNT(refusals); i++)
        if (refusals[i].error == score)
            return refuse(why, member, refusals[i].sentence);
    return refuse(why, member, "is too easy to guess; take several words that do not belong together");
}

bool password_check_works(void)
{
    return score_of("correct horse battery", NULL) >= 0 && score_of("international", NULL) < 0;
}
