#!/usr/bin/env python3
"""What data/apache-access.log.gz holds, worked out from the file alone: no code of the product is used.

    python3 e2e/apache-figures.py > e2e/apache-figures.json

A pageview is GET, 200 or 304, and a path without extension or with that of a page. A bot is a user agent that names
one of BOTS, found by reading all 559 user agents of the file. A visitor is (address, user agent) on one UTC
day; a visit is a visitor's pageviews with no gap over 30 minutes; its referrer is that of the first line of the visit.
"""

import collections
import datetime
import gzip
import json
import os
import re
import urllib.parse

LOG = os.path.join(os.path.dirname(__file__), "..", "data", "apache-access.log.gz")
LINE = re.compile(r'(\S+) \S+ \S+ \[(.+?)\] "(\S+) (\S+) \S+" (\d+) \S+ "([^"]*)" "([^"]*)"$')
PAGES = {"html", "htm", "xhtml", "shtml", "php", "asp", "aspx", "jsp"}
# Crawlers, monitors, libraries, feed readers, previews, agents that no browser has ("Mozilla/5.0" and no more), and the
# one with "chromeframe": its six addresses are all of one hosting company.
BOTS = re.compile(
    r"bot|crawl|spider|slurp|http:|https:|www\.|feed|rss|java|curl|wget|python|ruby|perl|php|go http|fetch|scrap|"
    r"archiv|check|monitor|ezooms|@|favicon|preview|portscout|phantomjs|xenu|reeder|newsify|nutch|validator|"
    r"docs\.google\.com|dts agent|robosourcer|theoldreader|imageproxy|chromeframe|indy library|protocol discovery|user-agent:|"
    r"^mozilla/\d\.\d( \(compatible;\))?$",
    re.I,
)
# People's browsers, as far as one can see, that the product takes for bots: mostly old phones. They are counted apart, so
# that the price of that mistake is known.
MISTAKEN = re.compile(r"MAUI|^ZDM/|^Opera 9\.6$", re.I)


def is_page(target):
    name = re.split(r"[?#]", target)[0].rsplit("/", 1)[-1]
    return "." not in name or name.rsplit(".", 1)[1].lower() in PAGES


def page_of(target):
    return urllib.parse.unquote(re.split(r"[?#]", target)[0])


def referrer_of(text):
    match = re.match(r"https?://([^/?#:]+)(?::\d+)?([^?#]*)", text)
    if not match:
        return None
    host = re.sub(r"^www\.", "", match[1].lower())
    if not re.fullmatch(r"[a-z0-9.-]+", host):
        return None  # The file has a host name whose letters were lost.
    if host == "semicomplete.com" or host.endswith(".semicomplete.com") or host == "localhost":
        return None
    return host + match[2].rstrip("/")


def read():
    """(address, user agent, seconds since 1970, target, referrer) of each pageview, and why other lines are none."""
    skipped = collections.Counter()
    views = []
    with gzip.open(LOG, "rt", encoding="utf-8") as log:
        for line in log:
            match = LINE.match(line.rstrip("\n"))
            if not match:
                skipped["malformed"] += 1
                continue
            address, time, method, target, status, referrer, agent = match.groups()
            if method != "GET":
                skipped["method"] += 1
            elif status not in ("200", "304"):
                skipped["status"] += 1
            elif not is_page(target):
                skipped["not_a_page"] += 1
            else:
                at = datetime.datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z").timestamp()
                views.append((address, agent, int(at), target, referrer))
    return views, skipped


def visits_of(views):
    """Each visit as its views, in the order of the file."""
    by_visitor = collections.defaultdict(list)
    for number, view in enumerate(views):
        by_visitor[(view[0], view[1], view[2] // 86400)].append((view[2], number, view))
    visits = []
    for seen in by_visitor.values():
        seen.sort()
        visit = [seen[0]]
        for one in seen[1:]:
            if one[0] - visit[-1][0] > 1800:
                visits.append(visit)
                visit = []
            visit.append(one)
        visits.append(visit)
    return [[view for _, _, view in sorted(visit, key=lambda one: one[1])] for visit in visits], len(by_visitor)


def by_day(views):
    days = collections.Counter(datetime.date.fromordinal(719163 + view[2] // 86400).isoformat() for view in views)
    return dict(sorted(days.items()))


def top(counter, n):
    return [{"value": pair[0], "count": pair[1]} for pair in sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))[:n]]


def main():
    views, skipped = read()
    bots = [view for view in views if BOTS.search(view[1])]
    mistaken = [view for view in views if not BOTS.search(view[1]) and MISTAKEN.search(view[1])]
    people = [view for view in views if not BOTS.search(view[1]) and not MISTAKEN.search(view[1])]
    visits, visitors = visits_of(people)
    durations = [max(v[2] for v in visit) - min(v[2] for v in visit) for visit in visits]
    figures = {
        "lines": len(views) + sum(skipped.values()),
        "skipped": dict(sorted(skipped.items())),
        "sent": len(views),
        "bots": len(bots),
        "mistaken_for_bots": len(mistaken),
        "pageviews": len(people),
        "visitors": visitors,
        "visits": len(visits),
        "bounces": sum(len(visit) == 1 for visit in visits),
        "duration_seconds": sum(durations),
        "pageviews_by_day": by_day(people),
        "not_counted_by_day": by_day(bots + mistaken),
        "pages": top(collections.Counter(page_of(view[3]) for view in people), 25),
        "entry_pages": top(collections.Counter(page_of(visit[0][3]) for visit in visits), 10),
        "referrers": top(collections.Counter(referrer_of(visit[0][4]) or "(not set)" for visit in visits), 15),
        "bot_agents": top(collections.Counter(view[1] for view in bots), 20),
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))


main()
