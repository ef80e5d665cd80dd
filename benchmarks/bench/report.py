"""Rows of a result, printed beside their targets."""
import json


class Report:
    """Collects rows; PASS and MISS are information, never an exit code."""

    def __init__(self):
        self.rows = []

    def add(self, case, what, value, unit, target=None, note="", samples=None):
        """`target`: the highest value that keeps the promise, in the same unit."""
        row = {"case": case, "what": what, "value": round(value, 4), "unit": unit, "target": target, "note": note}
        if samples:
            row["samples"] = [round(s, 3) for s in samples]
        self.rows.append(row)
        print(f"  {what}: {_number(value)} {unit}{_verdict(row)}", flush=True)

    def table(self):
        """All rows as text."""
        lines = [("what", "measured", "target", "", "note")]
        case = None
        for row in self.rows:
            if row["case"] != case:
                case = row["case"]
                lines.append((f"[{case}]", "", "", "", ""))
            target = "" if row["target"] is None else f"<= {_number(row['target'])} {row['unit']}"
            lines.append((row["what"], f"{_number(row['value'])} {row['unit']}", target, _verdict(row).strip(), row["note"]))
        widths = [max(len(line[i]) for line in lines) for i in range(4)]
        return "\n".join("  ".join(text.ljust(w) for text, w in zip(line, widths + [0])).rstrip() for line in lines)

    def write(self, path, machine):
        """Everything for programs."""
        with open(path, "w") as file:
            json.dump({"machine": machine, "results": self.rows}, file, indent=2)
            file.write("\n")


def _verdict(row):
    return "" if row["target"] is None else ("  PASS" if row["value"] <= row["target"] else "  MISS")


def _number(value):
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
