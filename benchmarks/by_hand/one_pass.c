/* The floor: one pass in a compiled language over a file of benchmarks/structures.py, CSV to CSV, the very bytes of
   `opqibi-fees batch` under the schedule of 2024. It trusts the file but for the one fault that these have, an amount
   that is none. gcc -O2 -o one_pass one_pass.c; ./one_pass IN OUT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t asked[7] = {6000, 12000, 24000, 85000, 105000, 125000, 26500};
static const int64_t held[7] = {1500, 3000, 6000, 21250, 2800, 5400, 2800};
static const int64_t above[5] = {0, 25000000, 80000000, 300000000, 1500000000};
static const int64_t slope[5] = {80, 65, 50, 40, 25};
static const int64_t start[5] = {0, 375000000, 1575000000, 4575000000, 27075000000};

static int64_t usage(int64_t cents) {
    int step = 4;
    while (step && cents <= above[step]) step--;
    int64_t exact = cents * slope[step] + start[step];
    if (exact < 1800000000) exact = 1800000000;
    if (exact > 400000000000) exact = 400000000000;
    return (exact + 50000) / 100000;
}

static char *euros(char *to, int64_t cents) {
    char digits[24];
    int count = 0;
    for (int64_t whole = cents / 100; whole || !count; whole /= 10) digits[count++] = '0' + whole % 10;
    while (count) *to++ = digits[--count];
    *to++ = '.';
    *to++ = '0' + cents / 10 % 10;
    *to++ = '0' + cents % 10;
    return to;
}

/* Cents, or -1: « 350 000,50 », 350000. Spaces part thousands. */
static int64_t amount(const char *from, const char *to) {
    int64_t value = 0;
    int after = -1;
    if (from < to && *from == '"') { from++; to--; }
    if (from == to) return -1;
    for (; from < to; from++) {
        if (*from == ' ') continue;
        if (*from == ',' || *from == '.') { after = 0; continue; }
        if (*from < '0' || *from > '9') return -1;
        value = value * 10 + (*from - '0');
        if (after >= 0) after++;
    }
    return after <= 0 ? value * 100 : after == 1 ? value * 10 : after == 2 ? value : -1;
}

int main(int count, char **words) {
    static char in[1 << 22], out[1 << 23];
    FILE *source = count == 3 ? fopen(words[1], "rb") : 0, *target = source ? fopen(words[2], "wb") : 0;
    size_t kept = 0, got;
    int heading = 1;
    if (!target) return 2;
    while ((got = fread(in + kept, 1, sizeof in - kept, source)) + kept > 0) {
        char *line = in, *end = in + kept + got, *to = out;
        for (char *stop; (stop = memchr(line, '\n', end - line)); line = stop + 1) {
            const char *cell[12], *last[12];
            int cells = 0, quoted = 0;
            const char *from = line;
            for (char *p = line; p <= stop; p++) {
                if (*p == '"') quoted = !quoted;
                else if (!quoted && (*p == ',' || p == stop) && cells < 12) {
                    cell[cells] = from;
                    last[cells++] = p;
                    from = p + 1;
                }
            }
            memcpy(to, line, stop - line);
            to += stop - line;
            if (heading) {
                to += sprintf(to, ",dossier,instruction,brand_usage,annual_control,total_excl_vat,error\n");
                heading = 0;
                continue;
            }
            int64_t cents = amount(cell[4], last[4]), counts = 0, checks = 0, total = 0;
            if (cents < 0) {
                to += sprintf(to, ",,,,,,turnover_not_an_amount\n");
                continue;
            }
            for (int tariff = 0; tariff < 7; tariff++) {
                int64_t n = strtol(cell[5 + tariff], 0, 10);
                counts += n * asked[tariff];
                checks += n * held[tariff];
            }
            char event = *cell[3];
            *to++ = ',';
            if (event == 'f') { to = euros(to, 8600); total += 8600; }
            *to++ = ',';
            if (event != 'c') {
                to = euros(to, counts + 50000);
                *to++ = ',';
                to = euros(to, usage(cents));
                *to++ = ',';
                total += counts + 50000 + usage(cents);
            } else {
                *to++ = ',';
                *to++ = ',';
                to = euros(to, checks + 12500);
                total += checks + 12500;
            }
            *to++ = ',';
            to = euros(to, total);
            *to++ = ',';
            *to++ = '\n';
        }
        fwrite(out, 1, to - out, target);
        kept = end - line;
        memmove(in, line, kept);
        if (!got) break;
    }
    return fclose(target) != 0;
}
