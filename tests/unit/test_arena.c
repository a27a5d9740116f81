#include "tests/support/unit.h"

#include <stddef.h>
#include <string.h>

static bool all_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

START_TEST(arena_alloc_gives_zeroed_aligned_memory)
{
    SCENE(s);
    for (int i = 0; i < 2000; i++) {
        size_t size = (size_t)unit_random_between(0, 300);
        unsigned char *p = arena_alloc(&s.arena, size);
        ck_assert((uintptr_t)p % _Alignof(max_align_t) == 0);
        ck_assert(all_zero(p, size));
        memset(p, 0xA5, size);
    }
}
END_TEST

START_TEST(arena_alloc_gives_pieces_that_do_not_overlap)
{
    SCENE(s);
    enum { PIECES = 500 };
    unsigned char *pieces[PIECES];
    size_t sizes[PIECES];
    for (int i = 0; i < PIECES; i++) {
        sizes[i] = (size_t)unit_random_between(1, 2000);
        pieces[i] = memset(arena_alloc(&s.arena, sizes[i]), i % 251, sizes[i]);
    }
    for (int i = 0; i < PIECES; i++)
        for (size_t at = 0; at < sizes[i]; at++)
            if (pieces[i][at] != i % 251)
                ck_abort_msg("byte %zu of piece %d was overwritten", at, i);
}
END_TEST

START_TEST(arena_alloc_takes_what_is_larger_than_any_chunk)
{
    SCENE(s);
    char *small = arena_text(&s.arena, "small");
    unsigned char *large = arena_alloc(&s.arena, 8 * 1024 * 1024);
    ck_assert(all_zero(large, 8 * 1024 * 1024));
    ck_assert_str_eq(small, "small");
}
END_TEST

START_TEST(arena_copy_ends_the_text_where_it_is_told)
{
    SCENE(s);
    ck_assert_str_eq(arena_copy(&s.arena, "Paula Patient", 5), "Paula");
    ck_assert_str_eq(arena_copy(&s.arena, "", 0), "");
    ck_assert_str_eq(arena_text(&s.arena, "Carl"), "Carl");
}
END_TEST

START_TEST(arena_printf_has_no_limit)
{
    SCENE(s);
    char *text = arena_printf(&s.arena, "%050000d|%s", 7, "end");
    ck_assert_uint_eq(strlen(text), 50004);
    ck_assert_str_eq(text + 49999, "7|end");
}
END_TEST

START_TEST(arena_release_leaves_an_arena_that_can_be_used_again)
{
    SCENE(s);
    memset(arena_alloc(&s.arena, 100000), 1, 100000);
    arena_release(&s.arena);
    ck_assert_ptr_null(s.arena.chunks);
    arena_release(&s.arena);
    ck_assert(all_zero(arena_alloc(&s.arena, 100), 100));
}
END_TEST

int main(void)
{
    return UNIT_TESTS(arena_alloc_gives_zeroed_aligned_memory, arena_alloc_gives_pieces_that_do_not_overlap,
                      arena_alloc_takes_what_is_larger_than_any_chunk, arena_copy_ends_the_text_where_it_is_told,
                      arena_printf_has_no_limit, arena_release_leaves_an_arena_that_can_be_used_again);
}
