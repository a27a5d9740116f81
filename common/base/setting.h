/* Settings: a table per service, read from the environment once.
 *
 * NAME_FILE may name a file that holds the value instead (how containers pass secrets). All errors are reported at
 * once, and a service with wrong settings does not start. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum setting_kind {
    SETTING_KIND_TEXT,    /* char * */
    SETTING_KIND_INTEGER, /* long */
    SETTING_KIND_REAL,    /* double */
    SETTING_KIND_FLAG,    /* bool */
    SETTING_KIND_CHOICE,  /* unsigned: an index into values */
    SETTING_KIND_LIST,    /* unsigned: a bit for each of values, in order */
};
enum setting_rules { SETTING_REQUIRED = 1, SETTING_SECRET = 2 };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;
    const char *fallback; /* as text; NULL: "" for text */
    unsigned rules;
    double min, max;           /* of a number; of the length of a text when max > 0 */
    const char *const *values; /* of a choice or a list; ends with NULL */
    bool (*fits)(const char *text);
    const char *must_be; /* a noun for the texts that fit: "an address" */
    const char *summary; /* NULL: a choice shows its values */
};

#define SETTING_(kind_, struct_, member_, type_, name_, ...) \
    { \
        .name = (name_), .kind = (kind_), \
        .offset = offsetof(struct_, member_) + 0 * sizeof(&((struct_ *)0)->member_ == (type_ *)0), __VA_ARGS__ \
    }
#define SETTING_TEXT(s, m, name, ...)    SETTING_(SETTING_KIND_TEXT, s, m, char *, name, __VA_ARGS__)
#define SETTING_INTEGER(s, m, name, ...) SETTING_(SETTING_KIND_INTEGER, s, m, long, name, __VA_ARGS__)
#define SETTING_REAL(s, m, name, ...)    SETTING_(SETTING_KIND_REAL, s, m, double, name, __VA_ARGS__)
#define SETTING_FLAG(s, m, name, ...)    SETTING_(SETTING_KIND_FLAG, s, m, bool, name, __VA_ARGS__)
#define SETTING_CHOICE(s, m, name, v, ...) \
    SETTING_(SETTING_KIND_CHOICE, s, m, unsigned, name, .values = (v), __VA_ARGS__)
#define SETTING_LIST(s, m, name, v, ...) SETTING_(SETTING_KIND_LIST, s, m, unsigned, name, .values = (v), __VA_ARGS__)

/* Fills out from the environment; texts are malloc'd. False after a line on err for every setting that is wrong. */
bool settings_read(const struct setting *table, void *out, FILE *err);
void settings_release(const struct setting *table, void *settings);

/* The table as Markdown rows. */
void settings_print(const struct setting *table, FILE *to);
