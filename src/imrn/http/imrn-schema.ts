import { LEASED_IMRN } from './imrn.examples.js';

export const IMRN_SCHEMA = {
  type: 'object',
  properties: {
    imrn: {
      type: 'string',
      description: 'The number to call from `callingPhoneNumber`, in E.164.',
      examples: [LEASED_IMRN.imrn],
    },
  },
  required: ['imrn'],
};
