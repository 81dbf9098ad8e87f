/*
** For the tests of TLS and proxies: certificates made for the run, a TLS server that responds with a page of one link, and a
** proxy that keeps the head of its last request.
*/
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* cmocka's set-up and tear-down of a group: a folder with certificates for servers on loopback, each with its key. An
** authority has signed right, elsewhere (for another host) and expired; selfsigned has signed itself. The folder "system" in
** it holds the authority in the form in which libcurl looks for a system's. Fails, after a message, when the program openssl
** does. */
extern char tls_folder[];
int tls_set_up(void **state);
int tls_tear_down(void **state);

struct tls_server;
/* A server with the certificate of that name. */
struct tls_server *tls_start(const char *name);
void tls_stop(struct tls_server *server);
unsigned tls_port(const struct tls_server *server);
/* Requests whose head could be read: those of clients that trust the server. */
size_t tls_requests(struct tls_server *server);

/* The same over HTTP/2: the program nghttpd with the certificate "right". Returns its process; 0 where the program is
** missing, which ends the test run where CI is set. */
pid_t http2_start(unsigned *port);
void http2_stop(pid_t server);

/* Sets libcurl's folder of authorities; NULL: the one it was built with. */
void tls_set_authorities(const char *path);
/* Sets the version that libcurl reports, 0xXXYYZZ; 0: its own. */
void tls_set_library_version(unsigned version);

struct proxy;
/* A proxy on loopback: it opens tunnels, or refuses them, and responds itself, with a page of one link, to requests to be
** forwarded. */
struct proxy *proxy_start(bool refuses);
void proxy_stop(struct proxy *proxy);
unsigned proxy_port(const struct proxy *proxy);
/* The head of the last request, "" without one; until the next call. */
const char *proxy_head(struct proxy *proxy);

#endif
