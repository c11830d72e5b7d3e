"""Draws the dashboard as SVG, roughly as Grafana would: each panel in its place, with the series that its queries gave."""
from html import escape

COLUMN, ROW, GAP = 50, 26, 6
COLOURS = ["#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#37872d", "#8ab8ff", "#fade2a", "#c4162a"]


def short(value, unit):
    if unit == "percentunit":
        return f"{100 * value:.3g} %"
    if unit == "s":
        return f"{1000 * value:.3g} ms" if value < 1 else f"{value:.3g} s"
    if unit == "currencyUSD":
        return f"${value:.3g}"
    if unit == "bytes":
        return f"{value / 2**20:.4g} MiB"
    return f"{value:.4g}"


def named(template, labels):
    for name, value in labels.items():
        template = template.replace("{{" + name + "}}", value)
    return template


def points_of(series):
    return [(float(at), float(value)) for at, value in series["values"] if float(value) == float(value)]


def panel_svg(panel, results):
    place, unit = panel["gridPos"], panel["fieldConfig"]["defaults"]["unit"]
    x, y = place["x"] * COLUMN, place["y"] * ROW
    width, height = place["w"] * COLUMN - GAP, place["h"] * ROW - GAP
    out = [f'<g transform="translate({x},{y})"><rect width="{width}" height="{height}" rx="3" fill="#181b1f" stroke="#2c3235"/>',
           f'<text x="10" y="18" fill="#d8d9da" font-size="12">{escape(panel["title"])}</text>']
    lines = [(named(target["legendFormat"], each["metric"]), points_of(each))
             for target, result in zip(panel["targets"], results) for each in result]
    lines = [line for line in lines if line[1]]
    values = [value for _, points in lines for _, value in points]
    if not values:
        return "".join(out) + "</g>"
    if panel["type"] == "stat":
        last = short(lines[0][1][-1][1], unit)
        return "".join(out) + f'<text x="{width / 2}" y="{height / 2 + 20}" fill="#73bf69" font-size="26" text-anchor="middle">{last}</text></g>'
    begin = min(at for _, points in lines for at, _ in points)
    end = max(at for _, points in lines for at, _ in points)
    low, high = min(0.0, min(values)), max(values) or 1.0
    left, top, right, bottom = 62, 30, width - 10, height - 34

    def across(at):
        return left + (right - left) * (at - begin) / ((end - begin) or 1)

    def down(value):
        return bottom - (bottom - top) * (value - low) / ((high - low) or 1)

    for tick in range(4):
        value = low + (high - low) * tick / 3
        out.append(f'<line x1="{left}" x2="{right}" y1="{down(value):.1f}" y2="{down(value):.1f}" stroke="#2c3235"/>'
                   f'<text x="{left - 5}" y="{down(value) + 4:.1f}" fill="#8e8e8e" font-size="10" text-anchor="end">{short(value, unit)}</text>')
    legend = left - 50
    for index, (name, points) in enumerate(lines):
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(f"{across(at):.1f},{down(value):.1f}" for at, value in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        text = name or panel["title"]
        if legend + 6 * len(text) + 20 < width:
            out.append(f'<rect x="{legend}" y="{height - 16}" width="10" height="3" fill="{colour}"/>'
                       f'<text x="{legend + 14}" y="{height - 11}" fill="#9fa7b3" font-size="10">{escape(text)}</text>')
            legend += 6 * len(text) + 24
    return "".join(out) + "</g>"


def render(drawn):
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel, _ in drawn) * ROW
    body = "\n".join(panel_svg(panel, results) for panel, results in drawn)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {24 * COLUMN + 12} {bottom + 12}" font-family="sans-serif">\n'
            f'<rect x="-8" y="-8" width="100%" height="100%" fill="#111217"/>\n{body}\n</svg>\n')
