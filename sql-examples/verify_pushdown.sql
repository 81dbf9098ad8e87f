-- Does the API understand the conditions that are sent as they are meant? Run this once against the real API, on a finished crawl.
--
-- Every count is taken twice: with push-down on, as the API understands the filters; and over a copy of the whole crawl, fetched
-- with push-down off. The two must agree. If they don't, please report the lines that this prints.
--
-- Requests: about 145 on the sample crawl, 76 of them for the copy. Take a small crawl.
-- `links` is the crawl (a crawl of the API, not a kept one); README.md says how to name it.

-- Values to look for, from the crawl's first thousand links.
CREATE TEMP TABLE sample AS
SELECT *
FROM links
LIMIT 1000;

CREATE TEMP TABLE pick AS
SELECT (SELECT page_from FROM sample GROUP BY page_from ORDER BY count(*) DESC, page_from LIMIT 1) AS page,
       (SELECT page_to FROM sample WHERE direction = 'internal'
        GROUP BY page_to ORDER BY abs(count(*) - 5), page_to LIMIT 1) AS target,
       (SELECT link_to FROM sample WHERE link_to GLOB '*[A-Z]*' ORDER BY length(link_to) DESC, link_to LIMIT 1) AS url,
       (SELECT link_to FROM sample WHERE link_to GLOB '*_*' ORDER BY length(link_to), link_to LIMIT 1) AS url_with_underscore,
       (SELECT domain_to FROM sample WHERE direction = 'external'
        GROUP BY domain_to ORDER BY count(*) DESC, domain_to LIMIT 1) AS domain,
       (SELECT text FROM sample WHERE text GLOB '*[A-Z]*' GROUP BY text ORDER BY length(text) DESC, text LIMIT 1) AS words;

-- The counts. The view reads whatever `links` is at the time.
CREATE TEMP VIEW counts (what, n) AS
SELECT 'all', count(*) FROM links
UNION ALL SELECT 'is_broken = 1', count(*) FROM links WHERE is_broken = 1
UNION ALL SELECT 'is_broken = 1, row by row', count(link_to) FROM links WHERE is_broken = 1
UNION ALL SELECT 'is_broken = 0', count(*) FROM links WHERE is_broken = 0
UNION ALL SELECT 'is_broken <> 0', count(*) FROM links WHERE is_broken <> 0
UNION ALL SELECT 'dofollow = 1', count(*) FROM links WHERE dofollow = 1
UNION ALL SELECT 'dofollow = 0', count(*) FROM links WHERE dofollow = 0
UNION ALL SELECT 'direction =', count(*) FROM links WHERE direction = 'external'
UNION ALL SELECT 'direction = in capitals', count(*) FROM links WHERE direction = 'EXTERNAL'
UNION ALL SELECT 'direction <>', count(*) FROM links WHERE direction <> 'internal'
UNION ALL SELECT 'page_to_scheme =', count(*) FROM links WHERE page_to_scheme = 'http'
UNION ALL SELECT 'type =', count(*) FROM links WHERE type = 'image'
UNION ALL SELECT 'type IN', count(*) FROM links WHERE type IN ('image', 'redirect', 'canonical')
UNION ALL SELECT 'type <>', count(*) FROM links WHERE type <> 'anchor'
UNION ALL SELECT 'type LIKE', count(*) FROM links WHERE type LIKE 'IMAG_'
UNION ALL SELECT 'page_to_status_code =', count(*) FROM links WHERE page_to_status_code = 404
UNION ALL SELECT 'page_to_status_code >=', count(*) FROM links WHERE page_to_status_code >= 400
UNION ALL SELECT 'page_to_status_code BETWEEN', count(*) FROM links WHERE page_to_status_code BETWEEN 300 AND 399
UNION ALL SELECT 'page_to_status_code IN', count(*) FROM links WHERE page_to_status_code IN (301, 302, 410)
UNION ALL SELECT 'page_to_status_code <>', count(*) FROM links WHERE page_to_status_code <> 200
UNION ALL SELECT 'page_to_status_code IS NULL', count(*) FROM links WHERE page_to_status_code IS NULL AND direction = 'external'
UNION ALL SELECT 'page_from =', count(*) FROM links WHERE page_from = (SELECT page FROM pick)
UNION ALL SELECT 'page_from = in capitals', count(*) FROM links WHERE page_from = (SELECT upper(page) FROM pick)
UNION ALL SELECT 'page_to =', count(*) FROM links WHERE page_to = (SELECT target FROM pick)
UNION ALL SELECT 'page_to = inside', count(*) FROM links WHERE page_to = (SELECT target FROM pick) AND direction = 'internal'
UNION ALL SELECT 'page_from IN', count(*) FROM links WHERE page_from IN (SELECT page FROM pick UNION ALL SELECT target FROM pick)
UNION ALL SELECT 'link_to =', count(*) FROM links WHERE link_to = (SELECT url FROM pick)
UNION ALL SELECT 'link_to = in small letters', count(*) FROM links WHERE link_to = (SELECT lower(url) FROM pick)
UNION ALL SELECT 'link_to LIKE', count(*) FROM links WHERE link_to LIKE (SELECT lower(url) FROM pick)
UNION ALL SELECT 'link_to LIKE %…', count(*) FROM links WHERE link_to LIKE (SELECT '%' || substr(url, 9) FROM pick)
UNION ALL SELECT 'link_to LIKE with _', count(*) FROM links WHERE link_to LIKE (SELECT url_with_underscore FROM pick)
UNION ALL SELECT 'link_to GLOB', count(*) FROM links WHERE link_to GLOB (SELECT '?' || substr(url, 2) || '*' FROM pick)
UNION ALL SELECT 'domain_to =', count(*) FROM links WHERE domain_to = (SELECT domain FROM pick)
UNION ALL SELECT 'domain_to <>', count(*) FROM links WHERE domain_to <> (SELECT domain FROM pick) AND direction = 'external'
UNION ALL SELECT 'text =', count(*) FROM links WHERE text = (SELECT words FROM pick) AND is_broken = 1
UNION ALL SELECT 'text IS NULL', count(*) FROM links WHERE text IS NULL AND direction = 'external'
UNION ALL SELECT 'image_alt =', count(*) FROM links WHERE image_alt = '' AND type = 'image'
UNION ALL SELECT 'link_attribute =', count(*) FROM links WHERE link_attribute = '["nofollow"]' AND dofollow = 0
UNION ALL SELECT 'several', count(*) FROM links WHERE type = 'anchor' AND direction = 'internal' AND page_to_status_code >= 404
UNION ALL SELECT 'OFFSET', count(*) FROM (SELECT 1 FROM links WHERE is_broken = 1 LIMIT 50 OFFSET 3);

CREATE TEMP TABLE pushed_down AS SELECT * FROM counts;

-- The functions that only the API's tables have, and what they mean.
INSERT INTO pushed_down
SELECT 'has()', count(*) FROM links WHERE has(link_attribute, 'nofollow')
UNION ALL SELECT 'not_like()', count(*) FROM links WHERE not_like(page_to, '%.html') AND is_broken = 1
UNION ALL SELECT 'regex()', count(*) FROM links WHERE regex(page_to, '^/.*[.]html$') AND is_broken = 1
UNION ALL SELECT 'filters', count(*) FROM links WHERE filters = '[["page_to_status_code",">=",400],"or",["type","=","image"]]';

SELECT onpage_config('pushdown', 'off') AS pushdown;

CREATE TEMP TABLE whole AS SELECT * FROM links;
DROP TABLE temp.links;
CREATE TEMP VIEW links AS SELECT * FROM whole;

CREATE TEMP TABLE plain AS SELECT * FROM counts;

INSERT INTO plain
SELECT 'has()', count(*) FROM links WHERE link_attribute LIKE '%"nofollow"%'
UNION ALL SELECT 'not_like()', count(*) FROM links WHERE page_to NOT LIKE '%.html' AND is_broken = 1
UNION ALL SELECT 'regex()', count(*) FROM links WHERE page_to GLOB '/*.html' AND is_broken = 1
UNION ALL SELECT 'filters', count(*) FROM links WHERE page_to_status_code >= 400 OR type = 'image';

-- The verdict.
SELECT CASE sum(plain.n IS NOT pushed_down.n) WHEN 0 THEN 'All ' || count(*) || ' counts agree.'
       ELSE sum(plain.n IS NOT pushed_down.n) || ' of ' || count(*) || ' counts differ!' END AS verdict,
       sum(plain.n > 0) AS that_found_something
FROM plain LEFT JOIN pushed_down USING (what);

SELECT what, plain.n AS should_be, pushed_down.n AS pushed_down
FROM plain LEFT JOIN pushed_down USING (what)
WHERE plain.n IS NOT pushed_down.n
ORDER BY what;

-- What the API rejected, so that the extension did without it.
SELECT status_code, status_message, json_extract(body, '$.filters') AS filters, error
FROM onpage_requests
WHERE status_code <> 20000 OR error IS NOT NULL;
