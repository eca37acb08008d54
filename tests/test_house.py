"""The house that CONTRIBUTING describes: rooms that one can look over, and imports that never come back."""

from pathlib import Path

import grimp

PACKAGE = Path(__file__).parents[1] / "opqibi_rules"
MOST = 20


def test_no_room_has_more_files_than_one_can_look_over() -> None:
    rooms = [PACKAGE, *(room for room in PACKAGE.rglob("*") if room.is_dir() and room.name != "__pycache__")]
    crowded = {str(room): len(list(filter(Path.is_file, room.iterdir()))) for room in rooms}
    assert {room: files for room, files in crowded.items() if files > MOST} == {}


def test_no_import_comes_back_to_where_it_started() -> None:
    """Those within a function are imports too; what only types need is none."""
    graph = grimp.build_graph("opqibi_rules", exclude_type_checking_imports=True, cache_dir=None)
    left = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    while free := {module for module, imported in left.items() if not imported & left.keys()}:
        left = {module: imported for module, imported in left.items() if module not in free}
    assert sorted(left) == []  # modules of a circle, or that lead to one
