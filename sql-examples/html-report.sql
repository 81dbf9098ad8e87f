-- What shape are the site's links in? (A report as one HTML file: tables and charts, made by SQL alone.)
--
--   sqlite3 … < sql-examples/html-report.sql > report.html
--
-- Requests: 77 on the sample crawl: every link is fetched, once; none with a kept crawl (keep-crawl.sql).
-- `links` is the crawl; README.md says how to name it. The home page is `/` or an index page, unless another is named:
-- .parameter set :home "'/en/'"

CREATE TEMP TABLE link AS
SELECT type, direction, domain_from, domain_to, page_from, page_to, link_from, link_to, page_from_scheme,
       page_to_scheme, is_broken, page_to_status_code AS status, text, image_alt
FROM links;

CREATE INDEX temp.link_by_page ON link (page_from, page_to);
CREATE INDEX temp.link_by_target ON link (page_to, direction);

-- Clicks from the home page, as in click-depth.sql.
CREATE TEMP TABLE way AS
SELECT DISTINCT page_from, page_to
FROM link
WHERE direction = 'internal' AND type NOT IN ('link', 'canonical', 'alternate') AND page_from <> page_to;

CREATE INDEX temp.way_from ON way (page_from, page_to);
CREATE INDEX temp.way_to ON way (page_to);

CREATE TEMP TABLE page AS
WITH RECURSIVE wave (page, clicks) AS (
  SELECT coalesce(:home, (SELECT page_from FROM way
                          WHERE page_from IN ('/', '/index.html', '/index.htm', '/index.php', '/home')
                          ORDER BY length(page_from) LIMIT 1)), 0
  UNION
  SELECT way.page_to, wave.clicks + 1
  FROM wave JOIN way ON way.page_from = wave.page
  WHERE wave.clicks < 12
), depth AS (
  SELECT page, min(clicks) AS clicks FROM wave GROUP BY page
)
SELECT crawled.page, crawled.url, depth.clicks, (SELECT count(*) FROM way WHERE page_to = crawled.page) AS linked_by
FROM (SELECT page_from AS page, min(link_from) AS url
      FROM link
      WHERE type <> 'redirect'
      GROUP BY page_from) AS crawled
LEFT JOIN depth USING (page);

-- The content of the report: cards with numbers, and bar charts. Rows are shown in the order in which they are inserted.
CREATE TEMP TABLE card (place INTEGER PRIMARY KEY, title TEXT, number INTEGER, note TEXT, is_fault BOOLEAN);
CREATE TEMP TABLE chart (id INTEGER PRIMARY KEY, title TEXT, unit TEXT, colour TEXT);
CREATE TEMP TABLE bar (place INTEGER PRIMARY KEY, chart INTEGER, label TEXT, url TEXT, number INTEGER, note TEXT);

INSERT INTO card (title, number, note, is_fault)
SELECT 'links', count(*), 'on ' || (SELECT count(*) FROM page) || ' pages', 0
FROM link
UNION ALL
SELECT 'inside the site', count(*), 'to ' || count(DISTINCT link_to) || ' targets', 0
FROM link WHERE direction = 'internal'
UNION ALL
SELECT 'to other sites', count(*), 'to ' || count(DISTINCT domain_to) || ' domains', 0
FROM link WHERE direction = 'external'
UNION ALL
SELECT 'broken', count(*), 'to ' || count(DISTINCT link_to) || ' targets', 1
FROM link WHERE is_broken = 1
UNION ALL
SELECT 'to redirects', count(*), 'to ' || count(DISTINCT link_to) || ' targets', 1
FROM link WHERE status BETWEEN 300 AND 399 AND type <> 'redirect'
UNION ALL
SELECT 'http on https', count(*), 'to ' || count(DISTINCT link_to) || ' targets', 1
FROM link WHERE page_to_scheme = 'http' AND page_from_scheme = 'https'
UNION ALL
SELECT 'without image text', total(trim(coalesce(image_alt, '')) = ''), 'of ' || count(*) || ' images', 1
FROM link WHERE type = 'image'
UNION ALL
SELECT 'pages out of reach', count(*), 'from the home page', 1
FROM page WHERE clicks IS NULL;

INSERT INTO chart VALUES
  (1, 'Clicks from the home page', 'pages', '#4c78a8'),
  (2, 'What the targets answer', 'links', '#4c78a8'),
  (3, 'Pages with the most broken links', 'broken links', '#d1495b'),
  (4, 'Missing targets', 'pages that link there', '#d1495b'),
  (5, 'Pages that most pages link', 'pages that link there', '#3f9b6c'),
  (6, 'Pages that are hard to find', 'pages that link there', '#3f9b6c'),
  (7, 'Other sites', 'pages that link there', '#8c6bb1'),
  (8, 'What the site calls its pages', 'links with this text', '#8c6bb1');

INSERT INTO bar (chart, label, number)
SELECT 1, coalesce(clicks, 'out of reach'), count(*)
FROM page
GROUP BY clicks
ORDER BY clicks IS NULL, clicks;

INSERT INTO bar (chart, label, number, note)
SELECT 2, coalesce(status, 'not visited') || ' · ' || type, count(*), 'targets: ' || count(DISTINCT link_to)
FROM link
GROUP BY status, type
ORDER BY count(*) DESC, status, type
LIMIT 7;

INSERT INTO bar (chart, label, url, number, note)
SELECT 3, page_from, min(link_from), count(*), 'targets: ' || count(DISTINCT link_to)
FROM link
WHERE is_broken = 1
GROUP BY page_from
ORDER BY count(*) DESC, page_from
LIMIT 10;

INSERT INTO bar (chart, label, url, number, note)
SELECT 4, min(page_to), link_to, count(DISTINCT page_from), min(status)
FROM link
WHERE is_broken = 1
GROUP BY link_to
ORDER BY count(DISTINCT page_from) DESC, count(*) DESC, link_to
LIMIT 10;

INSERT INTO bar (chart, label, url, number, note)
SELECT 5, page, url, linked_by, 'clicks: ' || clicks
FROM page
ORDER BY linked_by DESC, page
LIMIT 10;

INSERT INTO bar (chart, label, url, number, note)
SELECT 6, page, url, linked_by, coalesce('clicks: ' || clicks, 'out of reach')
FROM page
ORDER BY clicks IS NULL DESC, clicks DESC, linked_by, page
LIMIT 10;

INSERT INTO bar (chart, label, number, note)
SELECT 7, domain_to, count(DISTINCT page_from), 'links: ' || count(*)
FROM link
WHERE direction = 'external'
GROUP BY domain_to
ORDER BY count(DISTINCT page_from) DESC, domain_to
LIMIT 10;

INSERT INTO bar (chart, label, number, note)
SELECT 8, text, count(*), 'targets: ' || count(DISTINCT link_to)
FROM link
WHERE type = 'anchor' AND direction = 'internal' AND trim(text) <> ''
GROUP BY text
ORDER BY count(*) DESC, text
LIMIT 10;

-- The texts of a crawl aren't to be trusted: they are escaped, and only web addresses become links.
CREATE TEMP VIEW safe_bar AS
SELECT place, chart, number, coalesce(note, '') AS note,
       replace(replace(replace(label, '&', '&amp;'), '<', '&lt;'), '"', '&quot;') AS label,
       CASE WHEN url LIKE 'http://%' OR url LIKE 'https://%'
            THEN replace(replace(replace(url, '&', '&amp;'), '<', '&lt;'), '"', '&quot;') END AS url,
       1.0 * number / max(max(number) OVER (PARTITION BY chart), 1) AS share,
       600.0 / count(*) OVER (PARTITION BY chart) AS width,
       row_number() OVER (PARTITION BY chart ORDER BY place) - 1 AS nth
FROM bar;

-- The first chart has columns, at most 150 high; the others are tables with a bar in each row.
CREATE TEMP VIEW drawn AS
SELECT place, chart,
       CASE chart
         WHEN 1 THEN printf('  <rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="3" fill="%s"/>',
                            (nth + 0.15) * width, 175 - 150 * share, 0.7 * width, 150 * share, colour)
                     || printf('<text x="%.1f" y="%.1f">%,d</text>', (nth + 0.5) * width, 169 - 150 * share, number)
                     || printf('<text x="%.1f" y="195" class="axis">%s</text>', (nth + 0.5) * width, label)
         ELSE '  <tr><td title="' || label || '">' || coalesce('<a href="' || url || '">' || label || '</a>', label)
              || '<td><svg viewBox="0 0 100 10" preserveAspectRatio="none">'
              || printf('<rect width="%.1f" height="10" fill="%s"/></svg>',
                        CASE number WHEN 0 THEN 0 ELSE max(100 * share, 0.7) END, colour)
              || printf('<td>%,d<td>%s', number, note)
       END AS markup
FROM safe_bar JOIN chart ON chart.id = safe_bar.chart;

-- The output.
.mode list
.headers off

SELECT '<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Links of ' || site || '</title>
<style>
  :root { --paper: #fff; --ground: #f3f4f6; --ink: #1d2430; --pale: #697386; --line: #e3e6eb; --fault: #d1495b; }
  @media (prefers-color-scheme: dark) {
    :root { --paper: #1b2029; --ground: #12151b; --ink: #e6e9ef; --pale: #929cae; --line: #2c3340; --fault: #ff7b8a; }
  }
  * { box-sizing: border-box; }
  body { margin: 0 auto; padding: 2rem 1.5rem; max-width: 76rem; background: var(--ground); color: var(--ink);
         font: 15px/1.45 system-ui, "Segoe UI", Helvetica, Arial, "DejaVu Sans", sans-serif; }
  h1 { margin: 0; font-size: 1.7rem; }
  h2 { margin: 0 0 .1rem; font-size: 1.05rem; }
  p, small { margin: 0; color: var(--pale); font-size: .85rem; }
  a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
  .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(max(9rem, 22%), 1fr)); gap: .8rem;
           margin: 1.4rem 0 .8rem; }
  .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: .8rem; }
  .cards div, section { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem;
                        min-width: 0; }
  .cards b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
  .cards .fault b { color: var(--fault); }
  table { width: 100%; margin-top: .6rem; border-collapse: collapse; table-layout: fixed; }
  td { padding: .2rem .5rem .2rem 0; border-top: 1px solid var(--line); white-space: nowrap; overflow: hidden;
       text-overflow: ellipsis; }
  td:nth-child(1) { width: 44%; }
  td:nth-child(3) { width: 4rem; text-align: right; font-variant-numeric: tabular-nums; }
  td:nth-child(4) { width: 6.2rem; padding-right: 0; color: var(--pale); font-size: .8rem; text-align: right; }
  td svg { display: block; width: 100%; height: .7rem; }
  section > svg { display: block; width: 100%; margin-top: .8rem; }
  text { fill: var(--ink); font-size: 12px; text-anchor: middle; }
  .axis { fill: var(--pale); }
</style>
<h1>Links of ' || site || '</h1>
<p>Written ' || date('now') || ' from a crawl of ' || pages || ' pages.</p>
<div class="cards">'
FROM (SELECT (SELECT domain_from FROM link GROUP BY domain_from ORDER BY count(*) DESC, domain_from LIMIT 1) AS site,
             (SELECT count(*) FROM page) AS pages);

SELECT printf('  <div%s><small>%s</small><b>%,d</b><small>%s</small></div>',
              CASE WHEN is_fault AND number > 0 THEN ' class="fault"' ELSE '' END, title, number, note)
FROM card
ORDER BY place;

SELECT '</div>
<div class="charts">';

SELECT printf('<section><h2>%s</h2><p>%s</p>%s
%s
%s</section>', title, unit,
              CASE id WHEN 1 THEN '<svg viewBox="0 0 600 200" role="img" aria-label="' || title || '">' ELSE '<table>' END,
              (SELECT group_concat(markup, char(10)) FROM (SELECT markup FROM drawn WHERE chart = id ORDER BY place)),
              CASE id WHEN 1 THEN '</svg>' ELSE '</table>' END)
FROM chart
ORDER BY id;

SELECT '</div>
</html>';
