/** The customers that every shop begins with, so that an order needs no registration first. */
import type { Profile } from '../../contracts/customer.ts';

function resident(id: string, name: string, street: string): Profile {
  const address = { street, postalCode: 'OX1 1DP', city: 'Wonderland', country: 'GB' };
  return { id, name, email: `${id}@wonderland.example`, address };
}

export const DEMO_CUSTOMERS: readonly Profile[] = [
  resident('alice', 'Alice Liddell', '1 Rabbit Hole'),
  resident('bill', 'Bill the Lizard', 'The Chimney, 2 Rabbit House'),
  resident('caterpillar', 'The Caterpillar', 'Third Mushroom on the Left'),
  resident('cheshire', 'The Cheshire Cat', 'A Branch in the Tulgey Wood'),
  resident('dodo', 'The Dodo', '5 Caucus Race Course'),
  resident('dormouse', 'The Dormouse', 'The Teapot, 4 Tea Table'),
  resident('duchess', 'The Duchess', '7 Pepper Kitchen'),
  resident('gryphon', 'The Gryphon', '8 Lobster Quadrille'),
  resident('hare', 'The March Hare', '3 Tea Table'),
  resident('hatter', 'The Mad Hatter', '10/6 Tea Table'),
  resident('king', 'The King of Hearts', '2 Royal Croquet Ground'),
  resident('knave', 'The Knave of Hearts', '9 Tart Tray'),
  resident('mock-turtle', 'The Mock Turtle', 'The Ledge, 11 Sea Shore'),
  resident('queen', 'The Queen of Hearts', '1 Royal Croquet Ground'),
  resident('rabbit', 'The White Rabbit', '1 Rabbit House'),
];
