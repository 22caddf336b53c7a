"""A text adventure: rooms, items, a parser of commands, saved by pickle with versions, undo by deep copy."""
import cmd
import copy
import enum
import io
import os
import pickle
import pickletools
import random
import sys
import tempfile
import textwrap
from dataclasses import dataclass, field


class Way(enum.Enum):
    NORTH, SOUTH, EAST, WEST = "nsew"

    @property
    def back(self):
        return {Way.NORTH: Way.SOUTH, Way.SOUTH: Way.NORTH, Way.EAST: Way.WEST, Way.WEST: Way.EAST}[self]


class Trait(enum.Flag):
    LIGHT = enum.auto()
    FOOD = enum.auto()
    MAGIC = enum.auto()


@dataclass
class Item:
    name: str
    traits: Trait = Trait(0)
    weight: int = 1

    def __hash__(self):
        return hash(self.name)


@dataclass(eq=False)
class Room:
    name: str
    text: str
    dark: bool = False
    items: list[Item] = field(default_factory=list)
    ways: dict[Way, "Room"] = field(default_factory=dict, repr=False)

    def join(self, way, other):
        self.ways[way] = other
        other.ways[way.back] = self


class Hero:
    __slots__ = ("room", "items", "moves", "rng", "__weakref__")
    LIMIT = 5

    def __init__(self, room):
        self.room, self.items, self.moves, self.rng = room, {}, 0, random.Random(11)

    def __getstate__(self):
        return {"version": 2, **{name: getattr(self, name) for name in self.__slots__[:4]}}

    def __setstate__(self, state):
        if state.pop("version") != 2:
            raise pickle.UnpicklingError("a save of another version")
        for name, value in state.items():
            setattr(self, name, value)

    @property
    def load(self):
        return sum(item.weight for item in self.items.values())


def world():
    hall = Room("hall", "A long hall with a fire that has gone out some time ago and a smell of wet dogs.")
    cave = Room("cave", "Water drips.", dark=True, items=[Item("gem", Trait.MAGIC, 2), Item("anvil", weight=9)])
    yard = Room("yard", "Weeds.", items=[Item("lamp", Trait.LIGHT), Item("apple", Trait.FOOD)])
    hall.join(Way.NORTH, cave)
    hall.join(Way.EAST, yard)
    return Hero(hall)


class Game(cmd.Cmd):
    prompt = "> "
    use_rawinput = False

    def __init__(self, script, folder):
        super().__init__(stdin=io.StringIO(script), stdout=sys.stdout)
        self.hero, self.past, self.folder = world(), [], folder

    def say(self, text):
        print(textwrap.fill(text, 50, subsequent_indent="  "), file=self.stdout)

    def precmd(self, line):
        print(line, file=self.stdout)
        if line.split()[:1] not in ([], ["undo"], ["EOF"]):
            self.past.append(copy.deepcopy(self.hero))
        return line

    def emptyline(self):
        pass

    def default(self, line):
        if line == "EOF":
            return True
        self.say(f"You cannot {line!r}.")

    def do_look(self, _):
        """look: what is here"""
        room = self.hero.room
        if room.dark and not any(Trait.LIGHT in i.traits for i in self.hero.items.values()):
            return self.say("It is dark.")
        self.say(f"{room.name.title()}. {room.text}")
        for item in room.items:
            self.say(f"- {item.name} {item.traits!r}")
        self.say("Ways: " + ", ".join(sorted(way.name.lower() for way in room.ways)))

    def do_go(self, where):
        """go n|s|e|w"""
        try:
            self.hero.room = self.hero.room.ways[Way(where[:1])]
        except (ValueError, KeyError) as exc:
            return self.say(f"No way. {type(exc).__name__}: {exc}")
        self.hero.moves += 1
        self.say(f"You go. A die shows {self.hero.rng.randint(1, 6)}.")

    def do_take(self, name):
        for item in self.hero.room.items:
            if item.name == name:
                if self.hero.load + item.weight > self.hero.LIMIT:
                    return self.say(f"The {name} is too heavy.")
                self.hero.room.items.remove(item)
                self.hero.items[name] = item
                return self.say(f"You have: {', '.join(self.hero.items)}")
        self.say(f"There is no {name}.")

    def do_undo(self, _):
        if self.past:
            self.hero = self.past.pop()
        self.say(f"Back to move {self.hero.moves}.")

    def do_save(self, name):
        with open(os.path.join(self.folder, name), "wb") as file:
            pickle.dump(self.hero, file)

    def do_load(self, name):
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                self.hero = pickle.load(file)
        except (OSError, pickle.UnpicklingError, EOFError) as exc:
            return self.say(f"Cannot load: {type(exc).__name__}")
        self.say(f"Loaded: {self.hero.moves} moves, {sorted(self.hero.items)}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        game = Game("look\ngo n\nlook\nundo\ngo east\nlook\ntake lamp\ntake pear\nsave one\ngo w\ngo n\nlook\ntake anvil\ntake gem\nundo\nload one\n"
                    "go x\ngo n\nload two\nhelp look\nhelp\ndance wildly\n\ngo w\ngo n\nlook\nhelp zz\n", folder)
        game.cmdloop("Welcome.")
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            data = pickle.dumps(game.hero, protocol)
            again = pickle.loads(data)
            print(protocol, again.room.ways[Way.SOUTH].ways[Way.NORTH] is again.room, again.rng.random() == copy.deepcopy(game.hero).rng.random())
        print([op.name for op, arg, pos in pickletools.genops(pickle.dumps(Item("x", Trait.MAGIC | Trait.FOOD)))])
        try:
            pickle.loads(data[:-20])
        except (pickle.UnpicklingError, EOFError) as exc:
            print(type(exc).__name__)
        old = game.hero.__getstate__() | {"version": 1}
        try:
            Hero.__new__(Hero).__setstate__(old)
        except pickle.UnpicklingError as exc:
            print(exc)
