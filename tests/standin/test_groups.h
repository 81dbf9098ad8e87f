/*
** The groups of the stand-in's tests beside those of test_standin.c, which runs them. Each gives how many tests failed.
*/
#ifndef STANDIN_TEST_GROUPS_H
#define STANDIN_TEST_GROUPS_H

int run_page_tests(void);     /* test_pages.c */
int run_notation_tests(void); /* test_notations.c */
int run_filter_tests(void);   /* test_filters.c */
int run_pace_tests(void);     /* test_pace.c */
int run_endpoint_tests(void); /* test_endpoints.c: keys, limits and filters of every endpoint */
int run_sibling_tests(void);  /* test_siblings.c: what links has not */
int run_site_tests(void);     /* test_site.c: the crawl of tests/data, with all its tables */
int run_fault_tests(void);    /* test_faults.c: faults, requests side by side, the log */

#endif
